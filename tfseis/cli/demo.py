"""`tfseis demo`: the whole facies job on a synthetic survey."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "demo",
        help="make a synthetic survey and run the whole facies job on it",
        description="A synthetic survey with points on parts of one inline, labelled and scored.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", default="demo-result", metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--overwrite", action="store_true", help="replace results in DIR")
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.facies.demo import demo

    beaten = demo(options.out, seed=options.seed, overwrite=options.overwrite)
    return 0 if beaten else 1
