import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from tfseis.io.labels.legend import Legend
from tfseis.view import amplitude_limit, plot_map, plot_section, plot_values, section_panel

LEGEND = Legend.of(["chalk", "salt", "shale"])
TRACES, SAMPLES = np.arange(300, 307), np.arange(8.0, 44.0, 4.0)  # 7 traces, 9 samples


def amplitude():
    """Tells its own position: 10 trace + sample."""
    return np.add.outer(10.0 * np.arange(7), np.arange(9.0))


def rendered(figure):
    figure.savefig(buffer := io.BytesIO(), format="png", dpi=40)
    return buffer.getvalue()


def test_time_runs_down_and_pixel_centres_lie_on_their_numbers():
    axes = Figure().subplots()
    plot_section(axes, amplitude(), trace_numbers=TRACES, sample_numbers=SAMPLES)
    assert axes.get_xlim() == (299.5, 306.5)
    assert axes.get_ylim() == (42.0, 6.0)
    plotted = np.asarray(axes.images[0].get_array())
    assert plotted.shape == (9, 7)
    assert plotted[8, 2] == 28  # trace 2, sample 8


def test_inline_numbers_run_up_on_a_map():
    axes = Figure().subplots()
    plot_map(axes, amplitude(), inline_numbers=range(100, 107), crossline_numbers=range(300, 309))
    assert axes.get_xlim() == (299.5, 308.5)
    assert axes.get_ylim() == (99.5, 106.5)
    assert np.asarray(axes.images[0].get_array())[2, 8] == 28  # inline 2, crossline 8


@pytest.mark.parametrize("masked", [False, True])
def test_overlay_shows_the_legend_and_nothing_where_unlabelled(masked):
    classes = np.full((7, 9), 1)
    classes[:, 4] = 2
    classes[0] = -1
    overlay = np.ma.masked_equal(classes, -1) if masked else classes
    axes = Figure().subplots()
    plot_section(
        axes,
        amplitude(),
        trace_numbers=TRACES,
        sample_numbers=SAMPLES,
        overlay=overlay,
        legend=LEGEND,
        alpha=0.25,
    )
    colours = np.asarray(axes.images[1].get_array())
    assert (colours[:, 0, 3] == 0).all()
    np.testing.assert_allclose(colours[8, 3], [0xFF / 255, 0x7F / 255, 0x0E / 255, 0.25])
    np.testing.assert_allclose(colours[4, 3], [0x2C / 255, 0xA0 / 255, 0x2C / 255, 0.25])


def test_the_grey_scale_ignores_spikes_and_dead_traces():
    quiet = np.ones((20, 50))
    quiet[0] = 0
    quiet[3, 7] = 1e6
    axes = Figure().subplots()
    plot_section(axes, quiet, trace_numbers=range(20), sample_numbers=range(50))
    assert axes.images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_section_without_amplitudes_is_plotted(value):
    figure = Figure()
    plot_section(
        figure.subplots(), np.full((7, 9), value), trace_numbers=TRACES, sample_numbers=SAMPLES
    )
    assert rendered(figure)


def test_one_trace_is_plotted():
    figure = Figure()
    plot_section(figure.subplots(), np.ones((1, 9)), trace_numbers=[300], sample_numbers=SAMPLES)
    assert figure.axes[0].get_xlim() == (299.5, 300.5)
    assert rendered(figure)


def test_panel_shows_what_is_given_and_names_each_class_once():
    classes = np.ones((7, 9), int)
    figure = section_panel(
        amplitude(),
        legend=LEGEND,
        trace_numbers=TRACES,
        sample_numbers=SAMPLES,
        labels=classes,
        prediction=classes,
        confidence=np.full((7, 9), 0.7),
        title="inline 339",
    )
    titles = [axes.get_title() for axes in figure.axes[:4]]
    assert titles == ["amplitude", "labels", "prediction", "confidence"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(LEGEND.names)
    assert figure.axes[3].images[0].get_clim() == (0, 1)
    assert len({axes.get_ylim() for axes in figure.axes[:4]}) == 1
    assert rendered(figure)


def test_panel_of_amplitude_alone_has_no_legend():
    figure = section_panel(amplitude(), legend=LEGEND, trace_numbers=TRACES, sample_numbers=SAMPLES)
    assert len(figure.axes) == 1
    assert not figure.legends


def test_refusals():
    axes = Figure().subplots()
    numbers = {"trace_numbers": TRACES, "sample_numbers": SAMPLES}
    with pytest.raises(ValueError, match=r"classes of shape \(7, 9\).*got \(9, 7\)"):
        plot_section(axes, amplitude(), **numbers, overlay=np.zeros((9, 7), int))
    with pytest.raises(ValueError, match=r"below 3, .*got 5\. Pass indices"):
        plot_section(axes, amplitude(), **numbers, overlay=np.full((7, 9), 5), legend=LEGEND)


def test_a_given_limit_is_kept_from_slice_to_slice():
    axes = Figure().subplots()
    plot_section(axes, amplitude(), trace_numbers=TRACES, sample_numbers=SAMPLES, limit=5)
    assert axes.images[0].get_clim() == (-5, 5)
    assert amplitude_limit([[0, 0], [3, -3]]) == 3
    plot_map(axes, amplitude(), inline_numbers=TRACES, crossline_numbers=SAMPLES, limit=7)
    assert axes.images[1].get_clim() == (-7, 7)


def test_values_are_plotted_in_colours_between_their_limits():
    axes = Figure().subplots()
    image = plot_values(
        axes, amplitude(), trace_numbers=TRACES, sample_numbers=SAMPLES, limits=(-2, 9), alpha=0.3
    )
    assert image.get_clim() == (-2, 9)
    assert image.get_alpha() == 0.3
    assert np.asarray(image.get_array())[8, 2] == 28
