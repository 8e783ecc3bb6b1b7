"""`tfseis synthetic`: a survey whose faults, horizons, facies and salt are known."""

import argparse

from tfseis.fields import SEEDS, Range
from tfseis.jobs.option_types import within

SIDES = Range(8, 4096)  # lines and samples of a survey
GENERATORS = ("gaussian", "spectral", "rift")  # a test compares them with SURVEY_GENERATORS


def add(parser: argparse.ArgumentParser) -> None:
    """Add the file, the shape, and how the survey is made."""
    argument = parser.add_argument
    argument("out", metavar="OUT.sgy", help="SEG-Y file of the amplitudes to write.")
    argument(
        "--shape",
        type=within(int, SIDES),
        nargs=3,
        default=(128, 128, 128),
        metavar=("I", "X", "S"),
        help="Numbers of inlines, crosslines and samples. Default: 128 128 128.",
    )
    argument(
        "--seed",
        type=within(int, SEEDS),
        default=0,
        metavar="N",
        help="Seed of all random numbers: the same seed gives the same survey. Default: 0.",
    )
    argument(
        "--generator",
        choices=GENERATORS,
        default=GENERATORS[0],
        help="Kind of survey. gaussian: folds of Gaussian shape, Ricker wavelet, faults anywhere; "
        "spectral: folds with a power-law spectrum, Ormsby wavelet, faults in sets; rift: tilted "
        "blocks under an unconformity, channels, wavelets that grow longer with depth. "
        "Default: gaussian.",
    )
    argument("--overwrite", action="store_true", help="Replace files of these names.")


def run(options: argparse.Namespace) -> int:
    """Make a synthetic survey with its faults, horizons, facies and salt.

    Writes OUT.sgy and beside it the truth: OUT.faults.sgy, OUT.throw.sgy, OUT.facies.sgy,
    OUT.salt.sgy, and OUT.horizonN.hor.
    """
    from tfseis.data.synthetic.files import write_survey  # noqa: PLC0415 - loads SciPy

    files = write_survey(
        options.out,
        shape=tuple(options.shape),
        seed=options.seed,
        generator=options.generator,
        overwrite=options.overwrite,
    )
    print("\n".join(map(str, files)))
    return 0
