"""How a survey compares with the synthetic surveys that train fault networks."""

import numpy as np

from tfseis.data.section_measures import HALF_POWER, LIKENESS, STEEP, measures
from tfseis.io.cube import Cube

RANGES = {  # of 30 surveys of each generator, those between 2 and 98 %
    HALF_POWER: (0.06, 0.27),
    LIKENESS: (0.58, 0.992),
    STEEP: (0.13, 1.07),
}
WORDS = {
    HALF_POWER: "half of the power below {0:.2f} cycles a sample",
    LIKENESS: "correlation of neighbouring traces {0:.2f}",
    STEEP: "a tenth of the beds steeper than {0:.2f} samples a trace",
}
FEWEST = 16  # live traces of a section, and samples, from which it is measured


def survey_measures(cube: Cube) -> dict[str, float]:
    """Spectrum, likeness of traces and dips in the middle of a survey.

    Args:
        cube: the survey; its middle inline and crossline are read.

    Returns:
        The means of both sections, for the names in `RANGES`; nothing where neither has enough
        live traces.
    """
    found = []
    for axis in (0, 1):
        place = [slice(None)] * 3
        place[axis] = slice(cube.shape[axis] // 2, cube.shape[axis] // 2 + 1)
        amplitude, live = (part.squeeze(axis) for part in cube.read((place[0], place[1], place[2])))
        traces = live.any(axis=1)
        if traces.sum() >= FEWEST and amplitude.shape[1] >= FEWEST:
            section = np.where(live, amplitude, 0)[traces].astype("float64")
            if section.std() > 0:
                found.append(measures(section))
    return {name: float(np.mean([f[name] for f in found])) for name in RANGES} if found else {}


def likeness_text(found: dict[str, float]) -> str:
    """What of a survey lies outside of the synthetic surveys, as a sentence for people.

    Args:
        found: as `survey_measures` returns it.

    Examples:
        >>> likeness_text({HALF_POWER: 0.14, LIKENESS: 0.93, STEEP: 1.4})
        'Unlike the synthetic surveys that train: a tenth of the beds steeper than 1.40 samples \
a trace (there 0.13 to 1.07). Expect more wrong and missed faults than on the model card.'
    """
    if not found:
        return "Too few live traces to compare this survey with those that train."
    outside = outside_ranges(found)
    if not outside:
        return "Spectrum, noise and dips lie within those of the synthetic surveys that train."
    words = "; ".join(
        f"{WORDS[name].format(found[name])} (there {RANGES[name][0]:g} to {RANGES[name][1]:g})"
        for name in outside
    )
    return (
        f"Unlike the synthetic surveys that train: {words}. Expect more wrong and missed faults "
        "than on the model card."
    )


def outside_ranges(found: dict[str, float]) -> list[str]:
    """Names of the measures that lie outside of the synthetic surveys."""
    return [
        name for name, value in found.items() if not RANGES[name][0] <= value <= RANGES[name][1]
    ]
