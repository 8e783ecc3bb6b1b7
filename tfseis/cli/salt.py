"""`tfseis salt`: masks of salt on images, from the challenge's folder to submission.csv."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "salt",
        help="train on the folder of the TGS salt challenge and write a submission",
        description="From the challenge's folder to submission.csv, a network, and scores.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("folder", metavar="FOLDER", help="the challenge's folder, or a zip of it")
    argument("--out", required=True, metavar="DIR", help="folder for the results")
    argument("--skip", action="store_true", help="leave out files that cannot be used")
    argument("--overwrite", action="store_true", help="replace results that are there already")
    add = parser.add_argument_group("network and training").add_argument
    which = parser.add_mutually_exclusive_group().add_argument
    which("--network", choices=("light",), help="the light network, the default")
    which("--backbone", metavar="B", help="encoder of the network; see tfseis backbones")
    add("--weights", metavar="W", help="of the backbone: imagenet (default), none, or a file")
    add("--decoder", metavar="D", help="of the backbone: unet, unet-scse, fpn, linknet, pspnet")
    add("--preparation", choices=("pad", "resize"), help="how images get the network's size")
    add("--size", type=int, metavar="N", help="rows and columns that the network sees")
    add(
        "--channels", type=_words, metavar="C,C", help="of image, depth, coordinate; all by default"
    )
    add("--folds", type=int, metavar="K", help="parts into which the images are divided")
    add("--networks", type=int, metavar="N", help="train for the first N folds only")
    add("--epochs", type=int, metavar="N", help="of each network, at most")
    add(
        "--time-limit",
        type=float,
        dest="minutes",
        metavar="MIN",
        help="minutes of training at most, all networks together",
    )
    add("--batch-size", type=int, metavar="N")
    add("--learning-rate", type=float, metavar="R")
    add("--patience", type=int, metavar="N", help="epochs without a better score before stopping")
    add("--precision", choices=("float32", "mixed_bfloat16"), help="of the training")
    add("--seed", type=int, metavar="N")
    parser.set_defaults(run=run, resumes=True)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():  # TensorFlow only when needed
        from tfseis.jobs.salt.pipeline import SaltSettings
        from tfseis.jobs.salt.train import salt, salt_text

    options.network = options.backbone or options.network
    given = {n: getattr(options, n, None) for n in SaltSettings.__dataclass_fields__}
    changes = {name: value for name, value in given.items() if value is not None}
    if changes.get("weights") == "none":
        changes["weights"] = None
    metrics = salt(
        options.folder,
        out=options.out,
        settings=SaltSettings(**changes),
        skip=options.skip,
        overwrite=options.overwrite,
        command=options.command,
    )
    print(salt_text(metrics))
    return 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
