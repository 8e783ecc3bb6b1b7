import pytest

from tfseis.errors import ModelError
from tfseis.jobs.facies.channels import CHANNELS, margins, named_channels, span, uses_coordinates


def test_the_sets_hold_what_their_names_say():
    assert {name: len(channels) for name, channels in CHANNELS.items()} == {
        "amplitude": 1,
        "neighbours": 5,
        "seed": 8,
    }
    assert [c.shift for c in CHANNELS["neighbours"]] == [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    assert [c.coordinate for c in CHANNELS["seed"]] == [None] * 6 + [0, 1]
    assert [name for name in CHANNELS if uses_coordinates(CHANNELS[name])] == ["seed"]


def test_an_unknown_set_is_refused():
    with pytest.raises(ModelError, match="amplitude, neighbours, seed; got 'rgb'"):
        named_channels("rgb")


@pytest.mark.parametrize("crop_size", [1, 2, 7, 8])
@pytest.mark.parametrize("name", CHANNELS)
def test_margins_hold_every_sample_of_every_window(crop_size, name):
    """Counted: each window of each channel, sample by sample."""
    offsets = {
        i - crop_size // 2 + crop_size * step
        for channel in CHANNELS[name]
        for step in channel.shift
        for i in range(crop_size)
    }
    before, after = margins(crop_size, CHANNELS[name])
    assert (-before, after) == (min(offsets), max(offsets))
    assert span(crop_size, CHANNELS[name]) == max(offsets) - min(offsets) + 1
