"""`tfseis gathers`: take noise out of pre-stack gathers, and say how much signal went with it."""

import argparse
from typing import TYPE_CHECKING, Any

from tfseis.backend import quiet_start

if TYPE_CHECKING:
    from tfseis.io import Gathers

KEYS = ("cmp", "cdp", "shot", "point", "offset")  # of tfseis.io.GATHER_KEYS, as a test says


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "gathers",
        help="take noise out of pre-stack gathers",
        description="Train a network on gathers, apply it, or extract gathers as arrays.",
        allow_abbrev=False,
    )
    kinds = parser.add_subparsers(required=True, metavar="train|apply|extract")
    _add_train(kinds)
    _add_apply(kinds)
    extract = kinds.add_parser("extract", help="write one .npy a gather, traces by samples")
    extract.add_argument("gathers", metavar="IN.sgy")
    extract.add_argument("folder", metavar="DIR", help="a new folder")
    extract.add_argument("--partial-fold", action="store_true",
                         help="also gathers with fewer traces than the largest")  # fmt: skip
    _add_reading(extract)
    extract.set_defaults(run=_extract, resumes=False)


def _add_train(kinds: "argparse._SubParsersAction") -> None:
    train = kinds.add_parser("train", help="train a network, and score it beside filters")
    argument = train.add_argument
    argument("gathers", nargs="?", metavar="IN.sgy|FOLDER", help="SEG-Y or .npy, or many")
    argument("--synthetic", action="store_true", help="train on synthetic gathers instead")
    argument("--out", required=True, metavar="DIR", help="folder for the results")
    argument("--overwrite", action="store_true", help="replace results that are there already")
    setting = train.add_argument_group("network and training").add_argument
    setting("--network", choices=("unet", "autoencoder"), help="unet by default")
    setting("--filters", type=_numbers, metavar="N,N,..", help="widths of the U-Net's levels")
    setting("--channels", type=_words, metavar="C,C,..", help="amplitude (default), offset, time, "
            "envelope, phase, frequency, band8, band16, band32, band64")  # fmt: skip
    setting("--learn", choices=("blind-trace", "blind-spot", "input"),
            help="what is foretold of real gathers")  # fmt: skip
    setting("--size", type=int, nargs=2, metavar=("TRACES", "SAMPLES"), help="of a patch")
    setting("--loss", choices=("square", "absolute", "orthogonal"))
    setting("--split", choices=("gather", "line"), help="what is held out: the last of these")
    setting("--samples", type=int, metavar="N", help="of a synthetic trace")
    setting("--epochs", type=int, metavar="N")
    setting("--patches-per-epoch", type=int, metavar="N")
    setting("--batch-size", type=int, metavar="N")
    setting("--learning-rate", type=float, metavar="R")
    setting("--patience", type=int, metavar="N", help="epochs without a lower loss")
    setting("--seed", type=int, metavar="N")
    _add_reading(train)
    train.set_defaults(run=_train, resumes=True)


def _add_apply(kinds: "argparse._SubParsersAction") -> None:
    apply = kinds.add_parser("apply", help="take noise out of a file; headers stay")
    argument = apply.add_argument
    argument("model", metavar="MODEL", help="a .keras file, or gathers for that of tfseis")
    argument("gathers", metavar="IN.sgy")
    argument("out", metavar="OUT.sgy")
    argument("--residual", metavar="REMOVED.sgy", help="also write what was removed")
    argument("--truth", metavar="CLEAN.sgy", help="the same file without noise, to score against")
    argument("--png", dest="picture", metavar="FILE", help="the middle gather before and after")
    argument("--json", dest="scores", metavar="FILE", help="also write the scores as JSON")
    argument("--size", type=int, nargs=2, metavar=("TRACES", "SAMPLES"), help="of a window")
    argument("--stride", type=int, nargs=2, metavar=("TRACES", "SAMPLES"), help="of the windows")
    argument("--overwrite", action="store_true", help="replace files that are there already")
    _add_reading(apply)
    apply.set_defaults(run=_apply, resumes=False)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("reading gathers").add_argument
    add("--by", choices=KEYS, help="what the traces of a gather share, where headers mislead")
    add("--gather-byte", type=int, metavar="N", help="instead: first byte of the number they share")
    add("--offset-byte", type=int, default=37, metavar="N", help="first byte of the offset (37)")
    add("--axes", choices=("traces,samples", "samples,traces"), help="of arrays")
    add("--interval", type=float, metavar="MS", help="of the samples of arrays")
    add("--endian", choices=("big", "little"), help="byte order, where it is not detected")
    add("--sample-format", type=int, metavar="CODE", help="where byte 3225 is wrong")
    add("--text-headers", type=int, metavar="N", help="where byte 3505 is wrong")


def _train(options: argparse.Namespace) -> int:
    from tfseis.errors import FormatError  # noqa: PLC0415

    if (options.gathers is None) != options.synthetic:
        raise FormatError("Expected gathers, or --synthetic; got both or neither. Give one.")
    with quiet_start():  # TensorFlow only when needed
        from tfseis.jobs.gathers.pipeline import GatherSettings
        from tfseis.jobs.gathers.train import gather_score_text, train_gathers

    given: dict[str, Any] = {
        name: getattr(options, name) for name in GatherSettings.__dataclass_fields__
    }
    if options.size:
        given["size"] = tuple(options.size)
    metrics = train_gathers(
        None if options.synthetic else _opened(options, options.gathers),
        out=options.out,
        settings=GatherSettings(**{k: v for k, v in given.items() if v is not None}),
        overwrite=options.overwrite,
        command=options.command,
    )
    print(gather_score_text(metrics))
    return 0


def _apply(options: argparse.Namespace) -> int:
    with quiet_start():
        from tfseis.jobs.gathers.apply import applied_text, apply_gathers

    about = apply_gathers(
        options.model,
        _opened(options, options.gathers),
        options.out,
        residual=options.residual,
        truth=_opened(options, options.truth) if options.truth else None,
        picture=options.picture,
        scores=options.scores,
        size=tuple(options.size) if options.size else None,
        stride=tuple(options.stride) if options.stride else None,
        overwrite=options.overwrite,
    )
    print(applied_text(about))
    return 0


def _extract(options: argparse.Namespace) -> int:
    with quiet_start():
        from tfseis.jobs.gathers.apply import extract_gathers

    counts = extract_gathers(
        _opened(options, options.gathers), options.folder, partial_fold=options.partial_fold
    )
    print(f"{counts['written']} gathers written, {counts['left out']} of lower fold left out")
    return 0


def _opened(options: argparse.Namespace, path: str) -> "Gathers":
    from tfseis.io import open_gathers  # noqa: PLC0415

    return open_gathers(
        path, by=options.by, gather_byte=options.gather_byte, offset_byte=options.offset_byte,
        axes=options.axes, interval=options.interval, endian=options.endian,
        sample_format=options.sample_format, text_headers=options.text_headers,
    )  # fmt: skip


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
