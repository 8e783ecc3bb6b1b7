"""`tfseis JOB train`, `tfseis JOB apply` and a job's further commands, for every job in `JOBS`.

The command module of a job, ``tfseis/jobs/JOB/command.py``, loads no Keras and has:

``add_train(parser)``
    Adds the positional data and the options that say which data are read and how. ``--out``,
    ``--overwrite`` and an option for each field of the job's settings are added here.
``train(options, settings) -> Finished``
    Trains. Its docstring is the description in the help.
``add_apply(parser)``
    Adds options besides INPUT, OUTPUT, ``--model`` and ``--overwrite``, which are added here.
``apply(options) -> Applied``
    Applies; ``options`` has ``input``, ``output``, ``model`` and ``overwrite``. Its docstring is
    the description in the help.

It may have:

``MORE``
    Further commands by name: `tfseis.jobs.arguments.Further`.
``BY_NETWORK``
    Settings by the name of the network, where the defaults depend on it.
``INPUT``, ``OUTPUT``, ``SEVERAL``, ``MODELS``
    Help of the two positional arguments of ``apply``; whether several of INPUT may be given, so
    that ``options.input`` is a list; whether ``--model`` takes several.
"""

import argparse
import inspect
import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

from tfseis.backend import quiet_start, require_keras
from tfseis.cli.parser import Parser, with_files
from tfseis.cli.settings import add_settings, read_settings
from tfseis.devices.choice import STRATEGIES, check_shares, shared_by
from tfseis.jobs.apply import job_of, shipped
from tfseis.jobs.contract import JOBS, Job

TRAIN, APPLY = "train", "apply"
RESUMED = "An interrupted training is resumed by the same command."


def add_job(parser: argparse.ArgumentParser, name: str, words: Sequence[str]) -> None:
    """Add the commands of a job; arguments to the one that is called alone.

    Args:
        parser: parser of the job.
        name: the job.
        words: what follows the job's name on the command line.
    """
    job = JOBS[name]
    command = job.part("command")
    runs = {TRAIN: command.train, APPLY: command.apply}
    runs |= {word: more.run for word, more in getattr(command, "MORE", {}).items()}
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for word, run in runs.items():
        told = inspect.getdoc(run) or ""
        one = commands.add_parser(word, help=told.partition("\n")[0], description=told)
        if [word] == list(words[:1]):
            _add_arguments(one, job, word)


def add(parser: argparse.ArgumentParser) -> None:
    """Add what every ``tfseis JOB apply`` takes, for ``tfseis apply``."""
    _add_files(parser, None)
    parser.epilog = (
        "The options of the job that trained the model work here too: see tfseis JOB apply --help, "
        f"where JOB is {', '.join(JOBS)}."
    )
    parser.set_defaults(any_options=True)


def run(options: argparse.Namespace) -> int:
    """Apply a trained model of any job.

    The model says which job trained it; the options of that job work here too.
    """
    name = job_of(options.model[0])
    parser = Parser(prog=f"tfseis {name} {APPLY}")
    _add_arguments(parser, JOBS[name], APPLY)
    told = argparse.Namespace(command=options.command)
    again = with_files(*parser.parse_known_args(options.words[1:], told))
    return int(again.run(again))


def _add_arguments(parser: argparse.ArgumentParser, job: Job, word: str) -> None:
    command = job.part("command")
    resumes = word == TRAIN
    if word == TRAIN:
        _add_train(parser, job)
    elif word == APPLY:
        _add_files(parser, job)
        command.add_apply(parser)
    else:
        command.MORE[word].add(parser)
    parser.set_defaults(
        run=lambda options: _run(job, word, options), resumes=resumes, parser=parser
    )


def _add_train(parser: argparse.ArgumentParser, job: Job) -> None:
    command = job.part("command")
    parser.epilog = RESUMED
    command.add_train(parser)
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="Folder for the results; it is made."
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="Start anew in this folder. The results of a finished training stay until the new "
        "ones take their place; an unfinished training is replaced at once, but for one that "
        "the same command with --overwrite began: that is resumed.",
    )
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        help="Train on several devices, each of which computes an equal share of every batch: "
        "'mirrored' for all GPUs of this machine; 'workers' for those of several processes, "
        "which TF_CONFIG lists and which are given the same command. Default: one device.",
    )
    add_settings(parser, job.part("settings"), getattr(command, "BY_NETWORK", None))


def _add_files(parser: argparse.ArgumentParser, job: Job | None) -> None:
    """Add INPUT, OUTPUT, ``--model`` and ``--overwrite``."""
    command: Any = job.part("command") if job else None
    given = getattr(command, "INPUT", "Data to which the model is applied.")
    made = getattr(command, "OUTPUT", "File or folder to write.")
    many: Any = {"nargs": "+"} if getattr(command, "SEVERAL", False) else {}
    parser.add_argument("input", metavar="INPUT", help=given, **many)
    parser.add_argument("output", metavar="OUTPUT", help=made)
    if many:
        parser.set_defaults(more="input", last="output")
    come = job is not None and job.name in shipped()
    names = ([job.name] if come else []) if job else shipped()
    several = job is None or getattr(command, "MODELS", False)
    told = "Trained model: a .keras or .xml file"
    told += f", or one that comes with tfseis: {' or '.join(names)}." if names else "."
    if job is not None and several:
        told += " The predictions of several models are averaged; INPUT and OUTPUT precede them."
    parser.add_argument(
        "--model",
        nargs="+" if several and job is not None else 1,
        action="extend",
        required=not come,
        metavar="MODEL",
        help=f"{told}{f' Default: {job.name}.' if job is not None and come else ''}",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="Replace files and folders of these names."
    )


def _run(job: Job, word: str, options: argparse.Namespace) -> int:
    """Run a command and print its text; returns the exit code."""
    command = job.part("command")
    defaults = getattr(command, "BY_NETWORK", None)
    settings = None
    if word == TRAIN:  # refused before anything is loaded or read
        settings = read_settings(options, job.part("settings"), defaults)
    with quiet_start():  # the job's functions import Keras and TensorFlow
        require_keras()
        job.part(word if word in (TRAIN, APPLY) else APPLY)
    if word == TRAIN:
        return _train(command, options, settings)
    if word == APPLY:
        models = options.model or [job.name]
        options.model = models if getattr(command, "MODELS", False) else models[-1]
        text = command.apply(options).text
    else:
        text = command.MORE[word].run(options)
    print(text)
    return 0


def _train(command: Any, options: argparse.Namespace, settings: Any) -> int:
    """Train on the devices that are asked for; of several processes the first one prints."""
    with shared_by(options.strategy) as devices:
        check_shares(getattr(settings, "batch_size", 0), devices.count)  # some jobs have none
        options.out = str(devices.folder(options.out))
        with redirect_stdout(sys.stdout if devices.first else io.StringIO()):
            print(command.train(options, settings).text)
    return 0
