"""One class or fault cube scored against another, whoever made them: `tfseis score`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from tfseis.io.cube import Cube
from tfseis.io.labels.class_cube import ClassCube, open_class_cube
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.scores.class_counts import Pair, Range
from tfseis.scores.class_cubes import CubeScore, score_classes
from tfseis.scores.surface_cubes import FaultCubeScore, holds_probabilities, score_faults

CubeLike: TypeAlias = str | Path | Cube | ClassCube | np.ndarray


def score(
    truth: CubeLike,
    prediction: CubeLike,
    *,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    faults: bool = False,
    ignore: Sequence[int] = (),
    json_file: str | Path | None = None,
    html_file: str | Path | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> CubeScore | FaultCubeScore:
    """Score a class or fault cube on the samples that it shares with another cube.

    Samples are matched by line numbers and times, so that either cube may cover a part of the
    other, or fewer lines; where one has no line numbers, by position, and shapes must be equal.
    Classes are matched by their codes. A prediction with fractions between 0 and 1, of a truth
    of 0 and 1, is scored as fault probabilities. Unlabelled samples and missing traces do not
    count. A few inlines are held in memory at a time.

    Args:
        truth: true classes or faults: path of a SEG-Y file, of an ``.npy`` or of an ``.npz`` with
            line numbers, an opened cube, or an array (inlines, crosslines, samples) of integers;
            see `tfseis.io.open_class_cube`.
        prediction: predicted classes or fault probabilities, as `truth`.
        inlines: first and last inline number to score, both included; None for no limit.
        crosslines: first and last crossline number to score, both included; None for no limit.
        faults: whether to score as faults also where the prediction holds 0 and 1 alone.
        ignore: codes that mean unlabelled in both cubes, besides those that
            `tfseis.io.open_class_cube` finds.
        json_file: path of a JSON file to write the score to; None for none.
        html_file: path of an HTML page to write the score to; None for none.
        overwrite: whether files of these names may be replaced.
        progress: whether to show a bar when it takes more than two seconds.

    Returns:
        The score and those of its baselines; `text`, `as_dict` and `report` tell them.

    Raises:
        FormatError: a file is no class cube.
        GeometryError: the two cubes share no samples, or none in the range.
        LabelError: a cube holds fractions or too many classes, or no shared sample is labelled.
        OutputError: a result exists and may not be replaced, or cannot be written.

    Example:
        >>> truth = np.array([[[0, 0, 1, 1]]])
        >>> found = score(truth, np.array([[[0, 1, 1, 1]]]))
        >>> found.as_dict()["accuracy"]
        0.75
    """
    wanted = [path for path in (json_file, html_file) if path is not None]
    sources = [getattr(cube, "path", cube) for cube in (truth, prediction)]
    check_outputs(wanted, [one for one in sources if isinstance(one, (str, Path))], overwrite)
    cubes = [open_class_cube(cube, ignore=ignore) for cube in (truth, prediction)]
    pair = Pair.of(cubes[0], cubes[1], (inlines, crosslines))
    if faults or holds_probabilities(pair):
        found: CubeScore | FaultCubeScore = score_faults(pair, progress=progress)
    else:
        found = score_classes(pair, progress=progress)
    if json_file is not None:
        with complete_or_absent(Path(json_file), overwrite) as partial:
            partial.write_text(json.dumps(found.as_dict(), indent=1, allow_nan=False))
    if html_file is not None:
        found.report().write(html_file)
    return found
