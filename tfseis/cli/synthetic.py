"""`tfseis synthetic`: a survey whose faults, horizons, facies and salt are known."""

import argparse

from tfseis.backend import quiet_start

GENERATORS = ("gaussian", "spectral", "rift")  # a test compares them with SURVEY_GENERATORS


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "synthetic",
        help="make a synthetic survey with its faults, horizons, facies and salt",
        description="Writes OUT.sgy, and beside it what is true: OUT.faults.sgy, OUT.throw.sgy, "
        "OUT.facies.sgy, OUT.salt.sgy, and OUT.horizonN.hor.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("out", metavar="OUT.sgy")
    argument(
        "--shape",
        type=int,
        nargs=3,
        default=(128, 128, 128),
        metavar=("I", "X", "S"),
        help="inlines, crosslines, samples (128 128 128)",
    )
    argument("--seed", type=int, default=0, help="the same seed gives the same survey (0)")
    argument(
        "--generator",
        choices=GENERATORS,
        default=GENERATORS[0],
        help="gaussian: folds of Gaussians, Ricker wavelet, faults anywhere (default); spectral: "
        "folds of a power law, Ormsby wavelet, faults in sets; rift: tilted blocks under an "
        "unconformity, channels, wavelets that grow longer with depth",
    )
    argument("--overwrite", action="store_true", help="replace files that are there already")
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.data.synthetic.files import write_survey  # noqa: PLC0415

    files = write_survey(
        options.out,
        shape=tuple(options.shape),
        seed=options.seed,
        generator=options.generator,
        overwrite=options.overwrite,
    )
    print("\n".join(map(str, files)))
    return 0
