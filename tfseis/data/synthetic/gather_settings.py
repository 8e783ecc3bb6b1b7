"""Ranges and levels from which synthetic gathers are drawn."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class SyntheticGatherSettings:
    """Ranges and levels from which the seed draws a gather.

    Ranges are the smallest and the largest value of a uniform distribution.

    Args:
        traces: smallest and largest number of traces.
        spacing: range of the distance between traces, m.
        near: range of the offset of the first trace, m.
        missing: largest share of the traces that the gather lacks, 0 to 1.
        dead: largest share of its traces that are 0 throughout, 0 to 1.
        velocity: range of the velocity at the surface, m/s.
        gradient: range of the increase of the velocity with time, m/s for each s.
        reflections: range of the number of reflections in a second.
        decay: range of the power of time by which amplitudes decrease.
        avo: range of the AVO gradient over the intercept.
        multiples: largest amplitude of a first multiple over that of its primary.
        linear: largest number of direct and refracted waves.
        linear_velocity: range of the velocity of these waves, m/s.
        peak: range of the peak frequency of the wavelet, Hz.
        statics: largest static shift of a trace, ms.
        corrected: share of the gathers after moveout correction, 0 to 1.
        velocity_error: largest relative error of the velocity of that correction.
        muted: share of the gathers whose top is muted, 0 to 1.
        noise: range of the signal-to-noise ratio, dB.
        roll: share of the gathers with ground roll, 0 to 1.
        roll_velocity: range of the velocity of ground roll, m/s.
        roll_peak: range of the peak frequency of ground roll, Hz.
        erratic: largest share of traces with strong noise, 0 to 1.
        mirrored: share of the gathers with negative offsets, farthest first, 0 to 1.
        intervals: sample intervals, ms; each gather has one of them.
    """

    traces: tuple[int, int] = (24, 72)
    spacing: Range = (12.5, 55.0)
    near: Range = (0.0, 300.0)
    missing: float = 0.15
    dead: float = 0.08
    velocity: Range = (1500.0, 2400.0)
    gradient: Range = (300.0, 1300.0)
    reflections: Range = (6.0, 50.0)
    decay: Range = (0.0, 2.0)
    avo: Range = (-2.0, 1.5)
    multiples: float = 0.7
    linear: int = 2
    linear_velocity: Range = (1450.0, 5000.0)
    peak: Range = (13.0, 50.0)
    statics: float = 7.0
    corrected: float = 0.5
    velocity_error: float = 0.06
    muted: float = 0.6
    noise: Range = (-6.0, 20.0)
    roll: float = 0.5
    roll_velocity: Range = (300.0, 1000.0)
    roll_peak: Range = (5.0, 14.0)
    erratic: float = 0.1
    mirrored: float = 0.5
    intervals: tuple[float, ...] = (4.0, 4.0, 2.0)


UNSEEN = SyntheticGatherSettings(  # ranges that are wider than those of the default
    traces=(40, 61),
    spacing=(20.0, 60.0),
    velocity=(1450.0, 2700.0),
    gradient=(200.0, 1500.0),
    reflections=(5.0, 60.0),
    peak=(12.0, 55.0),
    avo=(-2.5, 2.0),
    statics=8.0,
    noise=(0.0, 0.0),
    roll_velocity=(250.0, 1200.0),
    roll_peak=(4.0, 16.0),
    intervals=(4.0,),
)
