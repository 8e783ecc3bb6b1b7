"""`tfseis rle`: run-length masks of the TGS salt challenge."""

import argparse
from pathlib import Path

from tfseis.fields import Range
from tfseis.jobs.option_types import within
from tfseis.wording import counted

SIDES = Range(1, 65_536)  # rows and columns of an image


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands encode, decode and check."""
    kinds = parser.add_subparsers(required=True, metavar="encode|decode|check")
    encode = kinds.add_parser("encode", help="Write a folder of masks (PNG) as a CSV file.")
    encode.add_argument("masks", metavar="FOLDER", help="Folder of PNG masks; names are the ids.")
    encode.add_argument("csv", metavar="OUT.csv", help="File to write, sorted by id.")
    encode.set_defaults(do=_encode)
    decode = kinds.add_parser("decode", help="Write a CSV file as masks (PNG, 0 or 255).")
    decode.add_argument("csv", metavar="FILE.csv", help="File of run-length masks.")
    decode.add_argument("masks", metavar="FOLDER", help="Folder for the masks; it is made.")
    decode.set_defaults(do=_decode)
    check = kinds.add_parser("check", help="Check ids, order and runs of a submission.")
    check.add_argument("csv", metavar="FILE.csv", help="File of run-length masks.")
    check.add_argument(
        "--sample", metavar="FILE.csv", help="The challenge's sample_submission.csv, for the ids."
    )
    check.set_defaults(do=_check)
    for kind in (decode, check):
        kind.add_argument(
            "--shape",
            type=within(int, SIDES),
            nargs=2,
            default=(101, 101),
            metavar=("ROWS", "COLUMNS"),
            help="Rows and columns of the images. Default: 101 101.",
        )
    for kind in (encode, decode):
        kind.add_argument("--overwrite", action="store_true", help="Replace what is there.")


def run(options: argparse.Namespace) -> int:
    """Encode, decode and check run-length masks of the TGS salt challenge."""
    return int(options.do(options))


def _encode(options: argparse.Namespace) -> int:
    from tfseis.io.images.images import read_mask_folder  # noqa: PLC0415 - loads pandas
    from tfseis.io.images.submission import write_submission  # noqa: PLC0415

    ids, masks = read_mask_folder(options.masks)
    write_submission(options.csv, ids, masks, overwrite=options.overwrite)
    print(f"{counted(len(ids), 'mask')}, {sum(mask.any() for mask in masks)} with salt")
    return 0


def _decode(options: argparse.Namespace) -> int:
    from tfseis.io.images.images import write_masks  # noqa: PLC0415 - loads pandas
    from tfseis.io.images.rle import decode_rle  # noqa: PLC0415
    from tfseis.io.images.submission import check_submission  # noqa: PLC0415
    from tfseis.io.output import complete_folder  # noqa: PLC0415

    shape = tuple(options.shape)
    table = check_submission(options.csv, shape=shape)
    masks = (decode_rle(text, shape) for text in table["rle_mask"])
    folder, ids = Path(options.masks), table["id"].tolist()
    if folder.exists():
        write_masks(folder, ids, masks, overwrite=options.overwrite)
    else:
        with complete_folder(folder, results=["*.png"]) as draft:
            write_masks(draft, ids, masks)
    print(f"{counted(len(table), 'mask')}, {(table['pixels'] > 0).sum()} with salt")
    return 0


def _check(options: argparse.Namespace) -> int:
    from tfseis.io.images.submission import check_submission  # noqa: PLC0415 - loads pandas

    table = check_submission(options.csv, options.sample, tuple(options.shape))
    print(
        f"{counted(len(table), 'image')}, {(table['pixels'] > 0).sum()} with salt; "
        "ids, order and runs "
        f"{'are right' if options.sample else 'fit each other (--sample compares the ids)'}"
    )
    return 0
