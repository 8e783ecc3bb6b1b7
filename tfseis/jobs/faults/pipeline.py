"""One training of a fault network: what it starts from, its batches, its loss, what is scored."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import keras

from tfseis.data.synthetic import FAULT_LAWS
from tfseis.io.arrays import CubePair
from tfseis.jobs.faults.pairs import pair_dataset
from tfseis.jobs.faults.scores import (
    UnseenCube,
    unseen_pairs,
    unseen_surveys,
    validation_table,
)
from tfseis.jobs.faults.settings import LOSSES, VARIED, FaultSettings
from tfseis.jobs.faults.survey_crops import crop_dataset
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS, level_labels, with_levels
from tfseis.learning.distillation import Distillation, taught
from tfseis.models.cubes.networks import fault_network

UNSEEN = 10  # surveys of each law that are scored at the end
GLANCE = 2  # of each law, on the way
ITSELF = "itself"  # the averaged network as its own teacher


@dataclass(frozen=True)
class FaultJob:
    """What trains, from where, and what is scored.

    Args:
        settings: network and training.
        pairs: labelled cubes that train; empty for synthetic surveys.
        held_out: labelled cubes that are scored.
        teacher: gives logits to learn from; "itself" for the averaged network; or None.
        base: gives the weights to start from, or None.
        unseen: synthetic surveys of each law that are scored.
    """

    settings: FaultSettings
    pairs: list[CubePair] = field(default_factory=list)
    held_out: list[CubePair] = field(default_factory=list)
    teacher: keras.Model | str | None = None
    base: keras.Model | None = None
    unseen: int = UNSEEN

    def build(self) -> keras.Model:
        """The network to start with."""
        network = fault_network(self.settings.network)
        if self.base is not None:
            network.set_weights(self.base.get_weights())
        return with_levels(network) if self.settings.deep else network

    def batches(self, first: int) -> Iterable:
        """Batches from number `first` on."""
        settings = self.settings
        shape, rules = settings.crop_shape, VARIED if settings.varied else None
        size, seed = settings.batch_size, settings.seed
        if self.pairs:
            return pair_dataset(
                self.pairs, shape=shape, batch_size=size, seed=seed, rules=rules,
                unlabelled=self.teacher is not None, first_batch=first,
            )  # fmt: skip
        laws = [partial(FAULT_LAWS[law], salty=settings.salty) for law in settings.laws]
        return crop_dataset(
            laws, shape=shape, batch_size=size, seed=seed, survey_shape=(settings.survey_size,) * 3,
            rules=rules, first_batch=first,
        )  # fmt: skip

    def targets(self, batches: Iterable, averaged: keras.Model) -> Iterable:
        """Batches with what the loss needs: the teacher's logits, or labels of each level."""
        settings = self.settings
        if settings.deep:
            return ((amplitude, level_labels(faults)) for amplitude, faults in batches)
        if self.teacher is None:
            return batches
        return taught(
            batches, averaged if self.teacher == ITSELF else self.teacher,
            training=settings.teacher_dropout, noise=settings.student_noise, seed=settings.seed,
        )  # fmt: skip

    def loss(self) -> Callable | dict:
        """Of the labels, and of the teacher's logits if there is one; or of each level."""
        settings = self.settings
        loss = LOSSES[settings.loss](settings.seed)
        if settings.deep:
            return dict.fromkeys(LEVEL_WEIGHTS, loss)
        if self.teacher is None:
            return loss
        return Distillation(
            loss, kind="log-softmax" if settings.temperature == 1 else "divergence",
            temperature=settings.temperature, share=settings.teacher_share,
        )  # fmt: skip

    def cubes(self, each: int) -> Iterator[UnseenCube]:
        """What is scored: the held-out cubes, or `each` surveys of each law; none for one cube."""
        if self.pairs:
            return unseen_pairs(self.held_out[:each])
        return unseen_surveys(tuple(FAULT_LAWS), each, self.settings.survey_size)

    def network_of(self, trained: keras.Model) -> keras.Model:
        """What was trained as an ordinary float32 network with one output."""
        network = fault_network(self.settings.network)
        network.set_weights(trained.get_weights())
        return network

    def score(self, model: keras.Model) -> dict[str, float]:
        """Means over a few cubes; nothing is chosen by them."""
        plain = self.network_of(model)
        table = validation_table(plain, self.cubes(min(GLANCE, self.unseen)), baselines=False,
                                 progress=False)  # fmt: skip
        if table.empty:
            return {}
        return {name: float(table[name].mean()) for name in ("iou", "tolerant_iou", "volume_ratio")}
