"""What synthetic gathers of one kind have in common."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class SyntheticGatherSettings:
    """What gathers of one kind have in common; the seed draws one of them. Ranges are uniform.

    Args:
        traces: fewest and most.
        spacing: between traces, m.
        near: offset of the first trace, m.
        missing: largest part of the traces that the gather lacks.
        dead: largest part of its traces that are all 0.
        velocity: at the surface, m/s.
        gradient: of the velocity, m/s per s.
        reflections: per second.
        decay: power of time by which amplitudes fall.
        avo: gradient over intercept.
        multiples: strength of the strongest first multiple, as part of its primary.
        linear: most direct and refracted waves.
        linear_velocity: of these, m/s.
        peak: frequency of the wavelet, Hz.
        statics: largest deviation of a trace, ms.
        corrected: part of the gathers whose moveout was corrected.
        velocity_error: largest, of that correction.
        muted: part of the gathers whose top is muted.
        noise: signal to noise, dB.
        roll: part of the gathers with ground roll.
        roll_velocity: slowest and fastest, m/s.
        roll_peak: of its spectrum, Hz.
        erratic: largest part of traces with much noise.
        mirrored: part of the gathers whose offsets are negative, the far ones first.
        intervals: of samples, ms; each gather has one of them.
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


UNSEEN = SyntheticGatherSettings(  # these ranges reach beyond those of the default
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
