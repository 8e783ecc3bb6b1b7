"""`tfseis boreholes`: mark thin features in patches of borehole images."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "boreholes",
        help="mark lines and fractures in borehole images, trained by well",
        description="From patches well_W_patch_P (.npy or PNG) and masks to a network and masks.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("folder", metavar="FOLDER", help="patches, or images/ and masks/")
    argument("--out", required=True, metavar="DIR", help="folder for the results")
    argument("--labels", metavar="PATH", help="folder of masks, or the challenge's csv")
    argument(
        "--synthetic", type=int, default=0, metavar="N", help="train on N synthetic patches instead"
    )
    argument("--held-out", type=int, nargs="+", metavar="WELL", help="wells that do not train")
    argument("--overwrite", action="store_true", help="replace results that are there already")
    setting = parser.add_argument_group("network and training").add_argument
    networks = ("vanilla", "stacked", "unet", "flexible", "micro")
    setting("--network", choices=networks, help="unet by default")
    setting("--padding", choices=("azimuth", "zero"), help="zero: does not know of the seam")
    setting("--loss", choices=("bce", "weighted-bce", "dice", "dice-bce"))
    setting("--width", type=int, metavar="N", help="of the first stage of flexible and micro")
    setting("--filters", type=_widths, metavar="N,N,..", help="widths of the other networks")
    setting(
        "--teacher",
        metavar="MODEL",
        help="a larger trained network; patches without labels train too",
    )
    setting("--epochs", type=int, metavar="N")
    setting("--patches-per-epoch", type=int, metavar="N")
    setting("--batch-size", type=int, metavar="N")
    setting("--learning-rate", type=float, metavar="R")
    setting("--patience", type=int, metavar="N", help="epochs without a lower loss")
    setting("--noise", type=float, metavar="S", help="of training images, in spreads")
    setting("--threshold", type=float, metavar="P", help="probability of a mark; 0.5 by default")
    setting("--seed", type=int, metavar="N")
    parser.set_defaults(run=run, resumes=True)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.boreholes.pipeline import BoreholeSettings
        from tfseis.jobs.boreholes.train import borehole_score_text, boreholes

    given = {name: getattr(options, name) for name in BoreholeSettings.__dataclass_fields__}
    metrics = boreholes(
        options.folder,
        out=options.out,
        labels=options.labels,
        synthetic=options.synthetic,
        held_out=options.held_out,
        settings=BoreholeSettings(**{k: v for k, v in given.items() if v is not None}),
        teacher=options.teacher,
        overwrite=options.overwrite,
        command=options.command,
    )
    print(borehole_score_text(metrics))
    return 0


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))
