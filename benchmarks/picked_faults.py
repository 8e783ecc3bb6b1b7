"""How much a fault model gains from a few picked lines: `tfseis faults train CUBE LABELS` on Kerry.

The four picked lines of `benchmarks.real_faults` are 2D sections; each is held out in turn. The
picks of line 30 are few, so that it is no complete line; the others are. Models of this benchmark
are a user's: they never ship.

``python -m benchmarks.picked_faults --out RUN [--complete 40 50 60] [--epochs N]
[--crop N]``; about 6 minutes on two cores. The same command resumes an interrupted run.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.real_faults import picked_lines
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults import FaultSettings, train_faults
from tfseis.jobs.faults.picks.lines import PickedLine, picked_line

COMPLETE = ("40", "50", "60")
MINUTES = 120.0  # no limit in practice: a busy machine must not change the numbers


def run(
    out: str | Path,
    complete: Sequence[str] = COMPLETE,
    epochs: int | None = None,
    crop: int = FaultSettings.crop_size,
    base: str = "faults",
) -> str:
    """Train and score; returns the text of the result.

    Args:
        out: folder of the run.
        complete: names of the lines on which everything beside picks is background.
        epochs: epochs of 10 steps; None for the default.
        crop: length of a crop, in samples; synthetic surveys are twice as long.
        base: model to start from.
    """
    settings = FaultSettings(epochs=epochs, crop_size=crop, survey_size=2 * crop, minutes=MINUTES)
    return train_faults(kerry(complete), out=out, settings=settings, base=base).text


def kerry(complete: Sequence[str] = COMPLETE) -> list[PickedLine]:
    """The picked lines of Kerry, each a cube of one inline."""
    lines = []
    for line in picked_lines():
        cube = ArrayCube(line.amplitude[None], name=f"Kerry {line.name}")
        background = ~line.picked if line.name in complete else None
        lines.append(picked_line(cube, 0, 0, line.picked, background))
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picked_faults", description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--complete", nargs="*", default=COMPLETE)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--crop", type=int, default=FaultSettings.crop_size)
    parser.add_argument("--base", default="faults")
    options = parser.parse_args(arguments)
    print(run(options.out, options.complete, options.epochs, options.crop, options.base))


if __name__ == "__main__":
    main()
