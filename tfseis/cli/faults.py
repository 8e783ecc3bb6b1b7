"""`tfseis faults`: the probability of faults in a SEG-Y cube, thin faults and sticks."""

import argparse

from tfseis.backend import quiet_start
from tfseis.cli import fault_training
from tfseis.cli.arguments import add_selection, open_cube


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "faults",
        help="find the faults of a SEG-Y cube",
        description="Read, predict and write window by window; memory does not grow with the cube.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("cube", metavar="CUBE.sgy")
    argument("out", metavar="OUT.sgy", help="probability of a fault at every sample")
    argument(
        "--model",
        dest="models",
        nargs="+",
        default=[],
        metavar="M",
        help=".keras or .xml files, whose mean is taken; else the model that comes with tfseis",
    )
    argument(
        "--tta", action="store_true", help="average over flips and turns: eight times the work"
    )
    argument("--overlap", type=int, metavar="N", help="samples that windows share")
    argument("--threshold", type=float, metavar="T", help="above it a sample is a fault")
    argument(
        "--scaling",
        choices=("survey", "model"),
        default="survey",
        help="amplitude statistics of this survey (default), or of the training data",
    )
    argument(
        "--backend",
        choices=("auto", "keras", "openvino"),
        default="auto",
        help="what computes; auto takes OpenVINO on a CPU if it is installed",
    )
    _add_results(parser)
    add_selection(parser)
    parser.set_defaults(run=run, resumes=False)
    fault_training.add_train(commands)
    fault_training.add_table(commands)


def _add_results(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("also write").add_argument
    add("--mask", metavar="FILE.sgy", help="1 where the probability is above the threshold")
    add(
        "--spread",
        metavar="FILE.sgy",
        help="standard deviation among models and symmetries (--tta)",
    )
    add("--skeleton", metavar="FILE.sgy", help="thin faults by number, 1 the largest")
    add("--sticks", metavar="FILE", help="fault sticks with confidence")
    add("--form", choices=("charisma", "opendtect"), help="of the sticks")
    add("--smallest", type=int, metavar="N", help="samples that a thin fault has at least")
    add("--picture", metavar="FILE.png", help="sections with the faults over them")


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.faults.apply import FaultFiles, faults

    wanted = {name: getattr(options, name) for name in FaultFiles.__dataclass_fields__}
    with open_cube(options) as cube:
        faults(
            cube,
            options.out,
            models=options.models,
            files=FaultFiles(**{n: value for n, value in wanted.items() if value is not None}),
            tta=options.tta,
            overlap=options.overlap,
            threshold=options.threshold,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=options.time,
            stride=options.stride,
            scaling=options.scaling,
            backend=options.backend,
            overwrite=options.overwrite,
        )
    return 0
