"""Input channels of a 2D crop around the sample that a patch classifier classifies.

Source: the crop of the Dutch F3 facies notebook (window, neighbours shifted by its size,
coordinates). Differs from it: coordinates are scaled to 0..1 over the training section.
"""

from dataclasses import dataclass

from tfseis.errors import ModelError


@dataclass(frozen=True)
class Channel:
    """One channel of a crop.

    Args:
        name: name of the channel, as figures show it.
        shift: offset of the channel's window from the crop, in crop sizes along (traces,
            samples).
        coordinate: 0 or 1 if the channel holds the position along traces or samples; None if it
            holds amplitudes.
    """

    name: str
    shift: tuple[int, int] = (0, 0)
    coordinate: int | None = None


AMPLITUDE = Channel("amplitude")
_TRACES = Channel("traces before", (-1, 0)), Channel("traces after", (1, 0))
_SAMPLES = Channel("above", (0, -1)), Channel("below", (0, 1))

CHANNELS: dict[str, tuple[Channel, ...]] = {
    "amplitude": (AMPLITUDE,),
    "neighbours": (AMPLITUDE, *_TRACES, *_SAMPLES),
    "seed": (
        *(_TRACES[0], AMPLITUDE, _TRACES[1]),
        *(_SAMPLES[0], AMPLITUDE, _SAMPLES[1]),
        Channel("trace position", coordinate=0),
        Channel("sample position", coordinate=1),
    ),
}


def named_channels(name: str) -> tuple[Channel, ...]:
    """The channels of a set by its name.

    Raises:
        ModelError: no such set.
    """
    if name not in CHANNELS:
        raise ModelError(f"Expected channels to be one of {', '.join(CHANNELS)}; got {name!r}.")
    return CHANNELS[name]


def uses_coordinates(channels: tuple[Channel, ...]) -> bool:
    """Whether a position is an input, so that the model can predict in its own survey only."""
    return any(channel.coordinate is not None for channel in channels)


def margins(crop_size: int, channels: tuple[Channel, ...]) -> tuple[int, int]:
    """Samples that a crop and its neighbours reach before and after the labelled sample.

    The labelled sample has index ``crop_size // 2`` in the crop.

    Examples:
        >>> margins(24, CHANNELS["amplitude"]), margins(24, CHANNELS["seed"])
        ((12, 11), (36, 35))
    """
    reach = crop_size * max(abs(s) for channel in channels for s in channel.shift)
    return crop_size // 2 + reach, crop_size - 1 - crop_size // 2 + reach


def span(crop_size: int, channels: tuple[Channel, ...]) -> int:
    """Distance in samples from which two inputs share none: the guard gap of a fair split."""
    return sum(margins(crop_size, channels)) + 1
