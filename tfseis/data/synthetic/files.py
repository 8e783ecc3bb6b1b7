"""A synthetic survey as files: its amplitudes, and beside them the truths."""

from pathlib import Path

import numpy as np

from tfseis.data.synthetic.generators import SURVEY_GENERATORS
from tfseis.data.synthetic.survey import FaultSurvey, check_shape
from tfseis.errors import GeometryError
from tfseis.io.labels.horizons import Horizon, write_horizon
from tfseis.io.labels.legend import Legend, legend_path, write_legend
from tfseis.io.output import check_outputs
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.layout import IEEE_FLOAT, INT16

TRUTHS = {"faults": INT16, "throw": IEEE_FLOAT, "facies": INT16, "salt": INT16}


def write_survey(
    out: str | Path,
    *,
    shape: tuple[int, int, int] = (128, 128, 128),
    seed: int = 0,
    generator: str = "gaussian",
    overwrite: bool = False,
) -> list[Path]:
    """Make a synthetic survey and write it.

    Args:
        out: SEG-Y file of the amplitudes; names of the truths are made from its name.
        shape: (inlines, crosslines, samples), each at least 8.
        seed: seed, 0 or more; the same seed gives the same survey.
        generator: name of the generator, one of `tfseis.data.synthetic.SURVEY_GENERATORS`.
        overwrite: whether files of these names may be replaced.

    Returns:
        The files written: amplitudes, faults, throw, facies, salt, legend of the facies, horizons.

    Raises:
        GeometryError: the shape is too small, the seed negative, or the generator unknown.
        OutputError: a file exists and may not be replaced, or the folder cannot be written to.
    """
    out = Path(out)
    check_shape(shape)
    if seed < 0 or generator not in SURVEY_GENERATORS:
        raise GeometryError(
            f"Expected a seed of 0 or more and a generator among {', '.join(SURVEY_GENERATORS)}; "
            f"got {seed}, {generator!r}. Choose one of these."
        )
    truths = {name: out.with_name(f"{out.stem}.{name}.sgy") for name in TRUTHS}
    check_outputs([out, *truths.values()], [], overwrite)
    survey = SURVEY_GENERATORS[generator](shape, seed=seed)
    horizons = [
        out.with_name(f"{out.stem}.horizon{k}.hor") for k in range(1, len(survey.horizons) + 1)
    ]
    check_outputs([*truths.values(), *horizons], [out], overwrite)
    size = " ".join(map(str, shape))
    made = f"tfseis synthetic --shape {size} --seed {seed} --generator {generator}"
    for name, path in truths.items():
        write_segy(
            path,
            getattr(survey, name),
            survey.geometry,
            format=TRUTHS[name],
            text=[f"True {name} of a synthetic survey", made],
            overwrite=overwrite,
        )
    legend = legend_path(truths["facies"])
    write_legend(legend, Legend.of(survey.names))
    known = _write_horizons(horizons, survey, overwrite)
    text = ["Synthetic survey", made]
    write_segy(out, survey.amplitude, survey.geometry, text=text, overwrite=overwrite)
    return [out, *truths.values(), legend, *known]


def _write_horizons(paths: list[Path], survey: FaultSurvey, overwrite: bool) -> list[Path]:
    """Write the horizons that occur; returns their files."""
    samples = survey.geometry.samples
    known = []
    for path, index in zip(paths, survey.horizons, strict=True):
        if np.isfinite(index).any():
            horizon = Horizon(path.stem, samples.first + samples.step * index.astype("float64"))
            write_horizon(path, horizon, survey.geometry, overwrite=overwrite)
            known.append(path)
    return known
