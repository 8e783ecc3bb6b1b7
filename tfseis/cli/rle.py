"""`tfseis rle`: run-length masks of the TGS salt challenge."""

import argparse
from pathlib import Path


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "rle",
        help="run-length masks: encode, decode, check",
        description="Run-length masks of the TGS salt challenge.",
        allow_abbrev=False,
    )
    kinds = parser.add_subparsers(required=True, metavar="encode|decode|check")
    encode = kinds.add_parser("encode", help="masks (PNG) to a CSV file, sorted by name")
    encode.add_argument("masks", metavar="FOLDER", help="folder of PNG masks; names are the ids")
    encode.add_argument("csv", metavar="OUT.csv")
    encode.set_defaults(run=_encode)
    decode = kinds.add_parser("decode", help="a CSV file to masks (PNG, 0 or 255)")
    decode.add_argument("csv", metavar="FILE.csv")
    decode.add_argument("masks", metavar="DIR", help="folder for the masks; is made")
    decode.set_defaults(run=_decode)
    check = kinds.add_parser("check", help="a submission: ids, order, runs")
    check.add_argument("csv", metavar="FILE.csv")
    check.add_argument("--sample", metavar="FILE.csv", help="the challenge's sample_submission.csv")
    check.set_defaults(run=_check)
    for kind in (decode, check):
        kind.add_argument(
            "--shape", type=int, nargs=2, default=(101, 101), metavar=("ROWS", "COLUMNS")
        )
    for kind in (encode, decode):
        kind.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.set_defaults(resumes=False)


def _encode(options: argparse.Namespace) -> int:
    from tfseis.io.images.images import read_mask_folder  # noqa: PLC0415
    from tfseis.io.images.submission import write_submission  # noqa: PLC0415

    ids, masks = read_mask_folder(options.masks)
    write_submission(options.csv, ids, masks, overwrite=options.overwrite)
    print(f"{len(ids)} masks, {sum(mask.any() for mask in masks)} with salt")
    return 0


def _decode(options: argparse.Namespace) -> int:
    from tfseis.io.images.images import write_masks  # noqa: PLC0415
    from tfseis.io.images.rle import decode_rle  # noqa: PLC0415
    from tfseis.io.images.submission import check_submission  # noqa: PLC0415

    shape = tuple(options.shape)
    table = check_submission(options.csv, shape=shape)
    masks = (decode_rle(text, shape) for text in table["rle_mask"])
    write_masks(Path(options.masks), table["id"].tolist(), masks, overwrite=options.overwrite)
    print(f"{len(table)} masks, {(table['pixels'] > 0).sum()} with salt")
    return 0


def _check(options: argparse.Namespace) -> int:
    from tfseis.io.images.submission import check_submission  # noqa: PLC0415

    table = check_submission(options.csv, options.sample, tuple(options.shape))
    print(
        f"{len(table)} images, {(table['pixels'] > 0).sum()} with salt; ids, order and runs "
        f"{'are right' if options.sample else 'fit each other (--sample compares the ids)'}"
    )
    return 0
