"""What a progress bar says of the time that is left, by times that are known."""

import pytest

from tfseis.learning.fitting import Plateau, Training
from tfseis.learning.fitting.progress import ProgressBar


def training(**limits):
    return Training(steps=9, rate=Plateau(), **limits)


def bar(**limits):
    return ProgressBar(training(**limits), "train", shown=False)


def test_the_first_epoch_compiles_and_says_little_of_the_others():
    one = bar(epochs=5)
    assert one.left(1, 3.0) == 12  # nothing else is known
    assert one.left(2, 4.0) == 3
    assert one.left(3, 5.0) == 2
    assert one.left(4, 9.0) == pytest.approx(2.0)  # 6 minutes for 3 epochs
    assert one.left(5, 10.0) == 0


def test_the_limit_that_comes_first_counts():
    both = bar(epochs=5, minutes=8.0)
    assert both.left(1, 3.0) == 5
    assert both.left(2, 4.0) == 3
    assert bar(epochs=10**6, minutes=8.0).left(1, 3.0) == 5
    assert bar(epochs=2, minutes=8.0).left(1, 9.0) == 0


def test_the_bar_is_full_at_the_end_and_says_what_is_left(capsys):
    with ProgressBar(training(epochs=3, minutes=50.0), "train", shown=True) as shown:
        for epoch, minutes in enumerate((2.0, 3.0, 4.0)):
            shown.move({"epoch": epoch, "steps": 9, "minutes": minutes, "loss": 0.5})
            if epoch == 1:
                assert shown.bar.n == pytest.approx(0.75)
    assert shown.bar.n == pytest.approx(1.0)
    told = capsys.readouterr().err
    assert "75%, epoch 2, about 1 min left, loss=0.500" in told
    assert "100%, epoch 3, less than 1 min left" in told


def test_a_resumed_training_goes_on_by_its_own_epochs():
    one = bar(epochs=10)
    assert one.left(6, 60.0) == 40
    assert one.left(7, 61.0) == 3
