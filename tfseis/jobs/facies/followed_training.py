"""A facies network that also learns from unlabelled lines, by following reflections to them.

Source: Lee 2013, Pseudo-label: the simple and efficient semi-supervised learning method for deep
neural networks, ICML workshop.
Differs from it: pseudo-labels are the network's own mixed with labels carried along reflections.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.data.regions import Halo, read_region
from tfseis.jobs.facies.channels import margins, named_channels
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.evidence import USUAL, painted_volumes, spread_survey
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.log_probabilities import most_likely
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.sections import line_parts
from tfseis.jobs.facies.spreading import Spread
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import train

FARTHEST = 32  # lines on either side of a labelled one that get pseudo-labels
MOST_LINES = 64  # lines with pseudo-labels, since they are held in memory
CONFIDENT = 0.7  # least probability of a pseudo-label
DRIFTS = 0.03  # halvings a line from which on the network counts more: see docs/adr/0003
CALM = 3  # power of the part that is kept from line to line then
AGAIN = 0.095  # halvings a line from which on a second training gains more than it costs
LEARNED = 6  # power of that part once the network has learned from followed lines
WELL = 0.3  # part of the labels of the fullest section from which another one is a beginning too
CENTRES = 4000  # samples of a line on which crops are centred


def follower(
    survey: Survey,
    model: keras.Model,
    spreads: Sequence[Spread | None],
    *,
    weight: float = USUAL,
    temperature: float = 1.0,
) -> Follower:
    """Follows reflections from the labels of a survey, with a network that was trained on it.

    Args:
        survey: cube, labels and settings.
        model: trained network.
        spreads: its labels, spread over each section.
        weight: of the network's log-probabilities beside these labels.
        temperature: divides the log-probabilities before they become a confidence.
    """
    axis, chosen = survey.axis, _begins(survey, spreads)
    along = {survey.sections[number].index: spreads[number] for number in chosen}
    positions, classes = survey.labels.positions, survey.labels.classes
    line, places = positions[:, axis], np.delete(positions, axis, axis=1)
    own = np.zeros(len(classes), bool)
    for number in chosen:
        own[survey.sections[number].chosen] = True
    return Follower(
        SectionNetwork(DenseClassifier(model), survey.cube, survey.scaling),
        {index: spread for index, spread in along.items() if spread is not None},
        len(survey.labels.legend),
        further={
            int(index): (places[~own & (line == index)], classes[~own & (line == index)])
            for index in np.setdiff1d(line[~own], list(along))
        },
        weight=weight,
        temperature=temperature,
    )


def _begins(survey: Survey, spreads: Sequence[Spread | None]) -> list[int]:
    """Numbers of the sections from which labels are carried: along the axis, and well labelled.

    A section with a few labels, or without some classes, would be a poor beginning: its labels
    count where they lie, on top of what is carried to it.
    """
    along = [
        (number, spread.labels, len(np.unique(survey.labels.classes[section.chosen])))
        for number, (section, spread) in enumerate(zip(survey.sections, spreads, strict=True))
        if section.axis == survey.axis and spread is not None
    ]
    _, most, classes = max(along, key=lambda row: (row[2], row[1]))
    return [number for number, count, kinds in along if kinds >= classes and count >= WELL * most]


def train_following(
    survey: Survey,
    folder: Path,
    *,
    weight: float = USUAL,
    temperature: float = 1.0,
    progress: bool = True,
) -> tuple[keras.Model, list[pd.DataFrame], Follower | None]:
    """Train on all labels and then, where reflections can be followed, on the lines around them.

    Where labels that are carried from line to line drift little from the network's prediction,
    there is no second training; where they hardly drift at all, they also count more than the
    network does.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints; an interrupted run is resumed.
        weight: of the network's log-probabilities beside labels that are spread.
        temperature: divides the log-probabilities before they become a confidence.
        progress: whether bars are shown.

    Returns:
        The model that predicts; the history of each training, that of this model last; and what
        follows reflections to the lines to predict, None where they are not followed.
    """
    everything, title = np.ones(len(survey.labels), bool), "train on all labels"
    if not survey.follows:
        volumes = survey.only(everything)
        model, history = train(survey, folder / "all", volumes, title=title, progress=progress)
        return model, [history], None
    spreads = spread_survey(survey, everything)
    volumes = painted_volumes(survey, everything, spreads)
    model, history = train(survey, folder / "all", volumes, title=title, progress=progress)
    chosen = {"weight": weight, "temperature": temperature}
    histories, guide = [history], follower(survey, model, spreads, **chosen)
    if guide.halvings >= AGAIN:
        more = followed_volumes(survey, guide, progress=progress)
        title = "train on followed lines"
        model, history = train(
            survey, folder / "followed", [*volumes, *more], title=title, progress=progress
        )
        histories.append(history)
        guide = follower(survey, model, spreads, **chosen)
        guide.keep **= LEARNED
    elif guide.halvings >= DRIFTS:
        guide.keep **= CALM
    return model, histories, guide


def followed_volumes(survey: Survey, guide: Follower, *, progress: bool = True) -> list[Volume]:
    """Lines around the labelled ones, labelled by following reflections.

    Args:
        survey: cube, labels and settings.
        guide: follows reflections with a network that was trained on the labels alone.
        progress: whether a bar is shown.
    """
    near = {
        line + step
        for line in guide.labelled
        for step in range(-FARTHEST, FARTHEST + 1)
        if 0 <= line + step < survey.cube.shape[survey.axis] and line + step not in guide.labelled
    }
    lines = sorted(near)
    lines = [lines[i] for i in np.unique(np.linspace(0, len(lines) - 1, MOST_LINES).astype(int))]
    rng = np.random.default_rng(survey.settings.seed)
    volumes = [
        _pseudo_labelled(survey, index, most_likely(evidence, guide.temperature), live, rng)
        for index, evidence, live in guide.walk(lines, progress=progress)
    ]
    return [volume for volume in volumes if len(volume.classes)]


def _pseudo_labelled(
    survey: Survey,
    index: int,
    found: tuple[np.ndarray, np.ndarray],
    live: np.ndarray,
    rng: np.random.Generator,
) -> Volume:
    """A line with the labels that are likely enough."""
    classes, confidence = found
    sure = live & (confidence >= CONFIDENT)
    painted = np.where(sure, classes, -1).astype("int8")
    places = np.argwhere(sure)
    places = places[np.sort(rng.permutation(len(places))[:CENTRES])]
    settings = survey.settings
    halo = Halo(*margins(settings.crop_size, named_channels(settings.channels)))
    around = [halo] * 3
    around[survey.axis] = Halo()
    block, _ = read_region(
        survey.cube,
        line_parts(survey.axis, index),
        (around[0], around[1], around[2]),
        survey.scaling,
    )
    amplitude = block.squeeze(survey.axis)
    return Volume(amplitude, halo, places, painted[tuple(places.T)].astype("int64"), painted)
