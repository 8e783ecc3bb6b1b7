"""`tfseis gathers train`, `tfseis gathers apply` and `tfseis gathers extract`."""

import argparse

from tfseis import io
from tfseis.fields import COUNTS, Between, Range
from tfseis.jobs import gathers
from tfseis.jobs.arguments import Further, add_computing, pair
from tfseis.jobs.contract import Applied, Finished
from tfseis.jobs.gathers.settings import GatherSettings
from tfseis.jobs.option_types import within
from tfseis.jobs.worker_arguments import add_workers, workers_of
from tfseis.wording import counted

INPUT = "SEG-Y file of gathers."
OUTPUT = "SEG-Y file to write: the same without noise; headers and all else stay."
BYTES = Range(1, 240)  # of a trace header
KEYS = ("cmp", "cdp", "shot", "point", "offset")  # of tfseis.io.GATHER_KEYS, as a test says


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the gathers, and how they are read."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "gathers",
        nargs="?",
        metavar="GATHERS",
        help="Gathers without truth: a SEG-Y or .npy file, or a folder of such files.",
    )
    source.add_argument(
        "--synthetic",
        action="store_true",
        help="Train on synthetic gathers, whose signal is known, instead of GATHERS.",
    )
    _add_reading(parser)


def train(options: argparse.Namespace, settings: GatherSettings) -> Finished:
    """Train a network that takes noise out of pre-stack gathers, and score it beside filters."""
    given = None if options.synthetic else _opened(options.gathers, options)
    return gathers.train_gathers(
        given,
        out=options.out,
        settings=settings,
        overwrite=options.overwrite,
        command=options.command,
    )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add what else is written, the windows, and how gathers are read."""
    argument = parser.add_argument
    argument("--residual", metavar="FILE.sgy", help="Also write what was removed, as a SEG-Y file.")
    argument(
        "--truth",
        metavar="FILE.sgy",
        help="SEG-Y file of the same gathers without noise, to score the result against.",
    )
    argument(
        "--picture",
        metavar="FILE.png",
        help="Also write a picture of the gather in the middle: before, after, and removed.",
    )
    argument("--scores", metavar="FILE.json", help="Also write the scores, as JSON.")
    argument(
        "--scored",
        type=within(int, COUNTS),
        default=200,
        metavar="N",
        help="Most gathers whose leakage is measured, evenly chosen; it takes about as long as "
        "denoising them. Default: 200.",
    )
    for name, told in (("size", "Size"), ("stride", "Distance")):
        argument(
            f"--{name}",
            type=pair,
            metavar="N,N",
            help=f"{told} of the windows in which the model predicts, in traces and samples. "
            "Default: as the model says.",
        )
    add_computing(parser, "result")
    add_workers(parser)
    _add_reading(parser)


def apply(options: argparse.Namespace) -> Applied:
    """Take noise out of the pre-stack gathers of a SEG-Y file.

    Also says how much signal went with the noise: the local correlation of what was removed with
    what was kept.
    """
    truth = _opened(options.truth, options) if options.truth else None
    return gathers.apply_gathers(
        options.model,
        _opened(options.input, options),
        options.output,
        residual=options.residual,
        truth=truth,
        picture=options.picture,
        scores=options.scores,
        scored=options.scored,
        size=options.size,
        stride=options.stride,
        backend=options.backend,
        precision=options.precision,
        workers=workers_of(options),
        overwrite=options.overwrite,
    )


def add_extract(parser: argparse.ArgumentParser) -> None:
    """Add the gathers, the folder, and which gathers are meant."""
    parser.add_argument("gathers", metavar="GATHERS", help="SEG-Y file of gathers.")
    parser.add_argument("folder", metavar="FOLDER", help="Folder to write; it must not exist.")
    parser.add_argument(
        "--partial-fold",
        action="store_true",
        help="Also write gathers with fewer traces than the largest.",
    )
    _add_reading(parser)


def extract(options: argparse.Namespace) -> str:
    """Write each gather of a SEG-Y file as an array .npy, traces by samples."""
    counts = gathers.extract_gathers(
        _opened(options.gathers, options), options.folder, partial_fold=options.partial_fold
    )
    written = counted(counts["written"], "gather")
    return f"{written} written, {counts['left out']} of lower fold left out"


MORE = {"extract": Further(add_extract, extract)}


def _add_reading(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("reading gathers").add_argument
    add(
        "--by",
        choices=KEYS,
        help="Number that the traces of a gather share. Default: found in the headers.",
    )
    add(
        "--gather-byte",
        type=within(int, BYTES),
        metavar="N",
        help="First byte, in the trace header, of the number that the traces of a gather share, "
        "counted from 1; instead of --by.",
    )
    add(
        "--offset-byte",
        type=within(int, BYTES),
        default=37,
        metavar="N",
        help="First byte of the source-receiver offset in the trace header. Default: 37.",
    )
    add(
        "--axes",
        choices=("traces,samples", "samples,traces"),
        help="Order of the axes of arrays (.npy). Default: traces,samples.",
    )
    add(
        "--interval",
        type=within(float, Between(0, 1e6)),
        metavar="MS",
        help="Sample interval (sample_interval) of arrays (.npy), or of a SEG-Y file whose headers "
        "are wrong, in ms.",
    )
    add("--endian", choices=("big", "little"), help="Byte order. Default: detected.")
    add(
        "--sample-format",
        type=int,
        metavar="CODE",
        help="Sample format code, where byte 3225 of the file is wrong.",
    )
    add(
        "--text-headers",
        type=within(int, Range(0, 1000)),
        metavar="N",
        help="Number of extended textual headers, where byte 3505 of the file is wrong.",
    )


def _opened(path: str, options: argparse.Namespace) -> "io.Gathers":
    return io.open_gathers(
        path,
        by=options.by,
        gather_byte=options.gather_byte,
        offset_byte=options.offset_byte,
        axes=options.axes,
        interval=options.interval,
        endian=options.endian,
        sample_format=options.sample_format,
        text_headers=options.text_headers,
    )
