"""What is delivered where a network loses to what needs none, and who decides."""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
from tqdm import tqdm

from tfseis.data.regions import Halo, read_region
from tfseis.errors import ModelError
from tfseis.jobs.facies.blocks import NETWORK_DELIVERED, SPREAD, Blocks
from tfseis.jobs.facies.classifier import Predicted
from tfseis.jobs.facies.following import LEG, Follower, Leg
from tfseis.jobs.facies.sections import line_parts
from tfseis.jobs.facies.survey import TIME, Survey
from tfseis.jobs.verdict import MARGIN
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import accuracy, mean_iou
from tfseis.scores.comparison import NETWORK, Score
from tfseis.windows import blocks
from tfseis.wording import counted

NETWORK_ACCEPTED, BASELINE_ACCEPTED = "network", "baseline"
ACCEPTED = (NETWORK_ACCEPTED, BASELINE_ACCEPTED)


class BaselineLines:
    """A baseline that answers line after line, as `tfseis.jobs.facies.following.Follower` does.

    Args:
        survey: cube and labels.
        name: key of `tfseis.scores.BASELINES`.
        confidence: part of the samples for which it is right, as held-out blocks say, 0 to 1.
    """

    def __init__(self, survey: Survey, name: str, confidence: float) -> None:
        self.name = name
        self.cube = survey.cube
        self.axis = survey.axis if survey.settings.flat and survey.axis != TIME else 0
        self._labels = survey.labels.positions, survey.labels.classes
        self._baseline, self._confidence = BASELINES[name], confidence
        self._scaling = survey.scaling

    def predict_lines(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes.

        Args:
            wanted: array indices of the lines to give back.
            progress: whether a bar is shown.
        """
        for index in tqdm(wanted, desc="copy", unit=" lines", disable=not progress):
            yield index, self._line(index)

    def legs(self, wanted: Sequence[int]) -> list[Leg]:
        """The wanted lines, a few at a time; see `tfseis.jobs.facies.following.Follower.legs`."""
        parts = [tuple(wanted[part]) for part in blocks(len(wanted), LEG)]
        return [Leg(part, part) for part in parts]

    def classify(self, leg: Leg, before: object) -> tuple[list[Predicted], None]:
        """Classify the lines of a leg, which continues none."""
        return [self._line(index) for index in leg.lines], None

    def _line(self, index: int) -> Predicted:
        _, live = read_region(self.cube, line_parts(self.axis, index), (Halo(),) * 3, self._scaling)
        samples = np.argwhere(live)
        samples[:, self.axis] = index
        classes = np.zeros(live.shape, "int16")
        classes[live] = self._baseline(*self._labels, samples)
        return Predicted(classes, np.where(live, self._confidence, 0).astype("float32"), live)


def best_baseline(score: Score | None) -> str | None:
    """The baseline that is better than the network in held-out blocks; None if none is.

    Args:
        score: confusion matrices of held-out blocks.
    """
    if score is None:
        return None
    names = [name for name in score.confusion if name != NETWORK]
    best = max(names, key=lambda name: mean_iou(score.confusion[name]))
    lead = mean_iou(score.confusion[best]) - mean_iou(score.network)
    return best if lead >= MARGIN else None


def delivered(
    survey: Survey,
    blocks: Blocks,
    guide: Follower | None,
    accept: str | None,
    *,
    progress: bool,
) -> BaselineLines | Follower | None:
    """The baseline to deliver in place of the network, None for the network.

    Where a baseline is better in held-out blocks this is said before anything is written. A person
    at a terminal is asked; a script gets the network, with that sentence on top of all it writes.

    Args:
        survey: cube, labels and settings.
        blocks: what held-out blocks say.
        guide: follows reflections with the network; None where they are not followed.
        accept: "network" or "baseline", decided beforehand; None to ask.
        progress: whether anything may be printed or asked.
    """
    name = best_baseline(blocks.score)
    if name is None or blocks.score is None or (name == SPREAD and blocks.weight == 0):
        return None
    theirs, ours = (blocks.score.confusion[n] for n in (name, blocks.score.scored))
    if progress:
        print(
            f"The network is worse than no network in held-out blocks: mean IoU "
            f"{mean_iou(ours):.3f} against {mean_iou(theirs):.3f} of {name}."
        )
    if accept is None and progress and sys.stdin.isatty():
        try:
            answer = input(f"Deliver the cube of {name} instead? [y/N] ")
        except EOFError:
            answer = ""
        accept = BASELINE_ACCEPTED if answer.strip().lower().startswith("y") else None
    if accept != BASELINE_ACCEPTED:
        return None
    if name == SPREAD and guide is not None:
        return guide.without_network()
    return BaselineLines(survey, name, accuracy(theirs))


def name_delivered(
    blocks: Blocks, guide: Follower | None, instead: BaselineLines | Follower | None
) -> str:
    """What classifies the cube: "network", or what needs none, by its name.

    Args:
        blocks: what held-out blocks say.
        guide: follows reflections with the network; None where they are not followed.
        instead: as `delivered` returns it.
    """
    if isinstance(instead, BaselineLines):
        return instead.name
    left_out = guide is not None and blocks.weight == 0
    return SPREAD if instead is not None or left_out else NETWORK_DELIVERED


def check_accept(accept: str | None) -> None:
    """Refuse a word that is none of `ACCEPTED`.

    Raises:
        ModelError: it is another one.
    """
    if accept is not None and accept not in ACCEPTED:
        raise ModelError(
            f"Expected --accept among {', '.join(ACCEPTED)}; got {accept!r}. Leave it out "
            "to be asked."
        )


def check_found(survey: Survey, predicted: np.ndarray, accept: str | None) -> None:
    """Refuse a network that finds a labelled class on none of its own labels.

    Args:
        survey: cube, labels and settings.
        predicted: class index that is delivered at each label, (labels,).
        accept: "network" to deliver it all the same.

    Raises:
        ModelError: a class is found nowhere; the message names it.
    """
    classes, names = survey.labels.classes, survey.labels.legend.names
    count = np.bincount(classes, minlength=len(names))
    found = np.bincount(classes[predicted == classes], minlength=len(names))
    lost = [
        f"{names[i]} ({counted(count[i], 'label')})"
        for i in np.flatnonzero((count > 0) & (found == 0))
    ]
    if lost and accept != NETWORK_ACCEPTED:
        raise ModelError(
            f"Expected every labelled class to be found on its own labels; found nowhere: "
            f"{', '.join(lost)}. Train longer (--epochs), label more of it, or deliver the network "
            "as it is: --accept network."
        )
