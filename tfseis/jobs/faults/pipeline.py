"""One training of a fault network: what it starts from, its batches, its loss, what is scored."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.data.synthetic.steep import steep_survey
from tfseis.jobs.faults.losses import fault_loss
from tfseis.jobs.faults.networks import built_network
from tfseis.jobs.faults.pairs import LabelledCube, pair_dataset
from tfseis.jobs.faults.scores import (
    UnseenCube,
    score_cubes,
    unseen_pairs,
    unseen_surveys,
)
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.faults.survey_crops import SurveyGenerator, crop_dataset
from tfseis.jobs.faults.variation import FAULT_VARIATIONS
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS, level_labels, with_levels
from tfseis.learning.distillation import Distillation, taught
from tfseis.learning.fitting import Plateau, Training
from tfseis.named import chosen

UNSEEN = 10  # surveys of each generator that are scored at the end
GLANCE = 2  # surveys of each generator that are scored on the way
ITSELF = "itself"  # the averaged network as its own teacher
EPOCHS, ENDLESS = 200, 10**6
LARGEST_NORM = 1.0  # of the gradient of one weight array
MEMORY = 0.998  # part of the averaged weights that a step keeps
TRAINING_GENERATORS: dict[str, SurveyGenerator] = {**SURVEY_GENERATORS, "steep": steep_survey}
ON_THE_WAY = ("iou", "tolerant_iou", "volume_ratio")


@dataclass(frozen=True)
class FaultJob:
    """What trains, from where, and what is scored.

    Args:
        settings: network and training.
        pairs: labelled cubes that train; empty for synthetic surveys.
        held_out: labelled cubes that are scored.
        teacher: model whose logits the network learns from; "itself" for the averaged network;
            None for no teacher.
        base: model whose weights the network starts from; None for random weights.
        unseen: number of synthetic surveys of each generator that are scored.
    """

    settings: FaultSettings
    pairs: list[LabelledCube] = field(default_factory=list)
    held_out: list[LabelledCube] = field(default_factory=list)
    teacher: keras.Model | str | None = None
    base: keras.Model | None = None
    unseen: int = UNSEEN

    def build(self) -> keras.Model:
        """The network to start with."""
        network = built_network(self.settings.network)
        if self.base is not None:
            network.set_weights(self.base.get_weights())
        return with_levels(network) if self.settings.deep else network

    def batches(self, first: int) -> Iterable:
        """Batches from number `first` on."""
        settings = self.settings
        variation = chosen(settings.variation, FAULT_VARIATIONS, "variation")
        if self.pairs:
            return pair_dataset(
                self.pairs,
                shape=settings.crop_shape,
                batch_size=settings.batch_size,
                seed=settings.seed,
                variation=variation,
                unlabelled=self.teacher is not None,
                first_batch=first,
            )
        return crop_dataset(
            [survey_generator(name, settings.salty) for name in settings.generators],
            shape=settings.crop_shape,
            batch_size=settings.batch_size,
            seed=settings.seed,
            survey_shape=(settings.survey_size,) * 3,
            variation=variation,
            first_batch=first,
        )

    def targets(
        self, batches: Iterable, averaged: keras.Model, draws: keras.random.SeedGenerator
    ) -> Iterable:
        """Batches with what the loss needs: the teacher's logits, or labels of each level.

        Args:
            batches: amplitudes and labels.
            averaged: the averaged network, which may be the teacher.
            draws: gives the noise that the student sees.
        """
        settings = self.settings
        if settings.deep:
            return ((amplitude, level_labels(faults)) for amplitude, faults in batches)
        if self.teacher is None:
            return batches
        return taught(
            batches,
            averaged if self.teacher == ITSELF else self.teacher,
            training=settings.teacher_dropout,
            noise=settings.student_noise,
            seed=draws,
        )

    def loss(self) -> Callable | dict:
        """Loss against labels, and against the teacher if there is one; or one for each level."""
        settings = self.settings
        loss = fault_loss(settings.loss, settings.seed)
        if settings.deep:
            return dict.fromkeys(LEVEL_WEIGHTS, loss)
        if self.teacher is None:
            return loss
        return Distillation(
            loss,
            kind="log-softmax" if settings.temperature == 1 else "divergence",
            temperature=settings.temperature,
            share=settings.teacher_share,
        )

    def cubes(self, each: int) -> Iterator[UnseenCube]:
        """Cubes to score.

        Args:
            each: number of held-out cubes, or of synthetic surveys of each generator.
        """
        if self.pairs:
            return unseen_pairs(self.held_out[:each])
        return unseen_surveys(tuple(SURVEY_GENERATORS), each, self.settings.survey_size)

    def network_of(self, trained: keras.Model) -> keras.Model:
        """What was trained as an ordinary network with one output."""
        network = built_network(self.settings.network)
        network.set_weights(trained.get_weights())
        return network

    def score(self, model: keras.Model) -> dict[str, float]:
        """Mean scores of a few cubes, which only inform; nothing is chosen by them."""
        plain = self.network_of(model)
        cubes = self.cubes(min(GLANCE, self.unseen))
        table = score_cubes(plain, cubes, baselines=False, progress=False).table
        return {} if table.empty else {name: float(table[name].mean()) for name in ON_THE_WAY}


def training_of(settings: FaultSettings) -> Training:
    """What `tfseis.learning.fitting` needs to know of the settings."""
    usual = settings.completed(picked=False)
    assert usual.learning_rate is not None
    assert usual.steps is not None
    return Training(
        epochs=settings.epochs or (ENDLESS if settings.minutes else EPOCHS),
        steps=usual.steps,
        minutes=settings.minutes,
        score_minutes=settings.score_minutes,
        learning_rate=usual.learning_rate,
        rate=Plateau(),
        clipnorm=LARGEST_NORM,
        memory=MEMORY,
        best="last",
        seed=settings.seed,
    )


def survey_generator(generator: Any, salty: float) -> SurveyGenerator:
    """The generator of surveys that a setting stands for.

    Args:
        generator: one of `FaultSettings.generators`.
        salty: share of the surveys with salt, for a generator given by name.
    """
    found = chosen(generator, TRAINING_GENERATORS, "generators")
    named = isinstance(generator, str) and generator in TRAINING_GENERATORS
    return partial(found, salty=salty) if named else found
