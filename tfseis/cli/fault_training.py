"""`tfseis faults train` and `tfseis faults table`: fault networks made, and compared."""

import argparse

from tfseis.backend import quiet_start

# Names of tfseis.models.FAULT_NETWORKS and of the workflow's losses, which a test compares.
NETWORKS = (
    "light", "wu", "vnet", "vnet-modified", "res1", "res2", "ds8", "ds16", "ds32", "attention",
    "recurrent",
)  # fmt: skip
LOSSES = ("ce-dice", "ce-stochastic-dice", "bce", "balanced", "thin")


def add_train(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "faults train",
        help="train a fault network on synthetic surveys or labelled cubes",
        description="The same command goes on where it stopped, with a higher limit further.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="cubes: seis/N.dat and fault/N.dat, or .npy"
    )
    source.add_argument("--synthetic", action="store_true", help="surveys made while it trains")
    argument("--out", required=True, metavar="DIR", help="folder for the results")
    argument("--overwrite", action="store_true", help="start anew, and replace what is there")
    argument("--base", metavar="MODEL", help="a fault model to start from; faults: that of tfseis")
    argument(
        "--teacher", metavar="MODEL", help="a fault model to learn from; itself: a mean teacher"
    )
    argument(
        "--time-limit",
        type=float,
        dest="minutes",
        metavar="MIN",
        help="minutes of training at most, earlier runs included",
    )
    setting = parser.add_argument_group("network and training").add_argument
    setting("--network", choices=NETWORKS, help="light by default")
    setting("--loss", choices=LOSSES, help="ce-dice by default")
    setting("--crop-size", type=int, metavar="N", help="samples a side; 64 by default")
    setting("--batch-size", type=int, metavar="N")
    setting("--learning-rate", type=float, metavar="R")
    setting("--epochs", type=int, metavar="N", help="at most")
    setting("--steps", type=int, metavar="N", help="batches in an epoch")
    setting("--score-minutes", type=float, metavar="MIN", help="between two scores")
    setting("--unseen", type=int, default=10, metavar="N", help="surveys of each generator to score")
    setting("--temperature", type=float, metavar="T", help="of the teacher")
    setting("--teacher-share", type=float, metavar="S", help="weight of the teacher's loss")
    setting(
        "--teacher-dropout", action="store_true", default=None, help="the teacher drops out too"
    )
    setting("--student-noise", type=float, metavar="S", help="that the teacher does not see")
    setting("--deep", action="store_true", default=None, help="a loss at each level of ds")
    setting("--precision", choices=("float32", "mixed_bfloat16"), help="of the training")
    setting("--seed", type=int, metavar="N")
    parser.set_defaults(run=run_train, resumes=True)


def run_train(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.faults.settings import FaultSettings  # noqa: PLC0415
        from tfseis.jobs.faults.train import train_faults, training_text  # noqa: PLC0415

    given = {n: getattr(options, n, None) for n in FaultSettings.__dataclass_fields__}
    metrics = train_faults(
        options.folder,
        out=options.out,
        settings=FaultSettings(**{k: v for k, v in given.items() if v is not None}),
        teacher=options.teacher,
        base=options.base,
        unseen=options.unseen,
        overwrite=options.overwrite,
        command=options.command,
    )
    print(training_text(metrics))
    return 0


def add_table(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "faults table",
        help="score fault models on labelled cubes, file by file",
        description="IoU at 0.5 of each model on each cube, as Markdown; with --out as files too.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("folder", metavar="DIR", help="cubes: seis/N.dat and fault/N.dat, or .npy")
    argument(
        "--model",
        dest="models",
        nargs="+",
        default=["faults"],
        metavar="MODEL",
        help=".keras files; faults, the default: the model that comes with tfseis",
    )
    argument("--out", metavar="NAME", help="write NAME.md and NAME.csv")
    argument("--overwrite", action="store_true", help="replace files that are there already")
    parser.set_defaults(run=run_table, resumes=False)


def run_table(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.faults.table import fault_table, markdown  # noqa: PLC0415

    table = fault_table(
        options.folder, options.models, out=options.out, overwrite=options.overwrite
    )
    print(markdown(table), end="")
    return 0
