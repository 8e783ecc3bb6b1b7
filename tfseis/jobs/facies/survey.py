"""A cube, its labels and the settings of a training, with all amplitudes that crops need."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import keras
import numpy as np

import tfseis
from tfseis.data.fingerprint import cube_digest, digest
from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.data.splits import Fold, block_folds
from tfseis.errors import LabelError
from tfseis.io.cube import Cube
from tfseis.io.labels.labels import Labels
from tfseis.jobs.contract import recorded
from tfseis.jobs.facies.channels import margins, named_channels, span, uses_coordinates
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.networks import NetworkFacts, build_network, network_facts
from tfseis.jobs.facies.recipe import EVERY_SAMPLE, MIDDLE, FaciesRecipe
from tfseis.jobs.facies.sections import (
    Section,
    check_memory,
    find_sections,
    live_labels,
    main_axis,
    section_volume,
)
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.variation import Variation, chosen_variation
from tfseis.models.recipe import with_recipe
from tfseis.named import name_of

TIME = 2  # the axis that is constant on a time slice


@dataclass(frozen=True)
class Survey:
    """A cube, its labels, and the amplitudes around them.

    Attributes:
        cube: the cube that is labelled.
        labels: its labels, without those on dead or missing samples.
        scaling: centre and spread of the cube's amplitudes.
        settings: settings of the training.
        facts: what the training must know of its network.
        sections: sections that hold each label once.
        axis: what is constant on most of them: 0 inline number, 1 crossline number, 2 time.
        volumes: amplitudes and labels of each section, or of the slab around it.
    """

    cube: Cube
    labels: Labels
    scaling: Scaling
    settings: FaciesSettings
    facts: NetworkFacts
    sections: list[Section]
    axis: int
    volumes: list[Volume] = field(repr=False)

    @classmethod
    def of(cls, cube: Cube, labels: Labels, scaling: Scaling, settings: FaciesSettings) -> "Survey":
        """Lay sections through the labels and read the amplitudes around them.

        Raises:
            LabelError: fewer than two classes, or labels that share no kind of section.
            ModelError: the network does not fit the job, or its crops need too much memory.
        """
        if len(labels.legend) < 2:
            raise LabelError(
                f"Expected labels of at least two classes; got {', '.join(labels.legend.names)}. "
                "Add points of another class."
            )
        facts = network_facts(settings, len(labels.legend))
        sections = find_sections(labels.positions)
        alive = live_labels(cube, sections, labels.positions)
        if not alive.all():
            labels = replace(
                labels, positions=labels.positions[alive], classes=labels.classes[alive]
            )
            sections = find_sections(labels.positions)
        axis = main_axis(sections) if settings.flat else 0
        halo = Halo(*margins(settings.crop_size, named_channels(settings.channels)))
        flat, beside = settings.flat, settings.sections // 2
        check_memory(cube, sections, halo, flat=flat, beside=beside)
        data = labels.positions, labels.classes
        volumes = [
            section_volume(cube, section, data, halo, scaling, flat=flat, beside=beside)
            for section in sections
        ]
        return cls(cube, labels, scaling, settings, facts, sections, axis, volumes)

    def only(self, chosen: np.ndarray) -> list[Volume]:
        """The volumes with the labels of a mask (labels,) alone."""
        kept = []
        for section, volume in zip(self.sections, self.volumes, strict=True):
            on = chosen[section.chosen]
            kept.append(replace(volume, positions=volume.positions[on], classes=volume.classes[on]))
        return kept

    @property
    def recipe(self) -> FaciesRecipe:
        """What a model trained on this survey must carry."""
        legend, settings, facts = self.labels.legend, self.settings, self.facts
        return FaciesRecipe(
            network=name_of(settings.network),
            axes=2 if settings.flat else 3,
            answers=EVERY_SAMPLE if facts.every_sample else MIDDLE,
            sections=settings.sections,
            multiple=facts.multiple,
            halo=facts.halo,
            crop_size=settings.crop_size,
            channels=settings.channels,
            axis=self.axis,
            codes=legend.codes,
            names=legend.names,
            colours=legend.colours,
            scaling=self.scaling.as_dict(),
            grid=self.cube.geometry.signature(),
            seed=settings.seed,
            version=tfseis.__version__,
        )

    def build(self) -> keras.Model:
        """The untrained network with its recipe."""
        model = build_network(self.settings, self.facts.input_shape, len(self.labels.legend))
        return with_recipe(model, self.recipe)

    def variation(self) -> tuple[Variation, Callable | None]:
        """How training crops are cut, and the function that changes them, if there is one."""
        settings = self.settings
        return chosen_variation(
            settings.variation,
            axes=len(settings.crop_shape),
            flat=settings.flat,
            time_slices=self.axis == TIME,
            positions=uses_coordinates(named_channels(settings.channels)),
        )

    @property
    def follows(self) -> bool:
        """Whether reflections are followed: every sample of vertical sections is classified."""
        settings = self.settings
        single = settings.flat and settings.sections == 1
        vertical = self.axis != TIME and self.cube.shape[2] > 1
        return settings.follow and single and self.facts.every_sample and vertical

    def guard(self) -> int:
        """Samples between training and test labels from which their crops share nothing."""
        return span(self.settings.crop_size, named_channels(self.settings.channels))

    def folds(self) -> list[Fold]:
        """Blocks to score; none where no score is wanted, or the labels are too narrow."""
        if not self.settings.folds:
            return []
        return block_folds(self.labels.positions, folds=self.settings.folds, guard=self.guard())

    @cached_property
    def identity(self) -> dict[str, str]:
        """Tells this data from other data, to resume the right run."""
        return {
            "cube": self.cube.name,
            "amplitudes": f"{self.scaling} {cube_digest(self.cube)}",
            "labels": digest([self.labels.positions, self.labels.classes]),
        }

    def fingerprint(self) -> str:
        """Tells this data and these settings from others."""
        return f"{json.dumps(recorded(self.settings))} {json.dumps(self.identity)}"
