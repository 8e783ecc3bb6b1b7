import io

import numpy as np
import pandas as pd
import pytest

from tfseis.io.labels.legend import Legend
from tfseis.view import confusion_figure, crop_channels_figure, learning_curve_figure

LEGEND = Legend.of(["chalk", "salt", "shale"])


def rendered(figure):
    figure.savefig(buffer := io.BytesIO(), format="png", dpi=40)
    return buffer.getvalue()


def test_confusion_is_coloured_by_row_and_holds_the_counts():
    figure = confusion_figure([[6, 2, 0], [0, 0, 0], [1500, 0, 500]], LEGEND)
    axes = figure.axes[0]
    parts = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(parts, [[0.75, 0.25, 0], [0, 0, 0], [0.75, 0, 0.25]])
    assert [text.get_text() for text in axes.texts][-3:] == ["1,500", "0", "500"]
    assert axes.get_ylabel() == "truth"
    assert rendered(figure)


def test_learning_curve_shows_only_the_columns_there_are():
    history = pd.DataFrame({"epoch": [1, 2, 3], "loss": [2.0, 1.5, 1.0], "val_loss": [2, 2, 2]})
    history["accuracy"] = [0.3, 0.5, 0.6]
    figure = learning_curve_figure(history)
    assert [len(axes.lines) for axes in figure.axes] == [2, 1]
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [2.0, 1.5, 1.0])
    with_rate = learning_curve_figure(history.assign(learning_rate=[1e-3, 5e-4, 2e-4]))
    np.testing.assert_array_equal(with_rate.axes[2].lines[0].get_ydata(), [1e-3, 5e-4, 2e-4])
    assert rendered(with_rate)


def test_crop_channels_are_plotted_with_samples_downwards():
    crop = np.stack(
        [np.add.outer(10.0 * np.arange(7), np.arange(9.0)) + 100 * k for k in range(5)], axis=-1
    )
    figure = crop_channels_figure(crop, ["a", "b", "c", "d", "e"])
    assert len(figure.axes) == 5
    assert np.asarray(figure.axes[4].images[0].get_array())[8, 2] == 428
    assert rendered(figure)


def test_refusals():
    with pytest.raises(ValueError, match=r"with 2 channels, .*got \(5, 6, 3\)"):
        crop_channels_figure(np.ones((5, 6, 3)), ["a", "b"])
    with pytest.raises(ValueError, match=r"3 x 3 matrix, .*got shape \(2, 2\)"):
        confusion_figure(np.ones((2, 2)), LEGEND)
