"""Training and blocked scoring of facies networks on labelled sections."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import tfseis
from tfseis.data.regions import Reach
from tfseis.data.scaling import Scaling
from tfseis.data.splits import Fold, block_folds
from tfseis.errors import LabelError
from tfseis.io.labels.points import Labels
from tfseis.io.segy.cube import SegyCube
from tfseis.jobs.facies.channels import margins, named_channels, span, uses_coordinates
from tfseis.jobs.facies.crops import Variation, Volume
from tfseis.jobs.facies.patches import (
    all_patches,
    patch_dataset,
    sections_as_channels,
    window_dataset,
)
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.jobs.facies.sections import (
    Section,
    find_sections,
    live_labels,
    main_axis,
    section_volume,
)
from tfseis.jobs.facies.settings import Settings
from tfseis.learning.fitting.fit import fit
from tfseis.learning.losses.classes import labelled_accuracy, labelled_crossentropy
from tfseis.models.recipe import with_recipe
from tfseis.models.sections.patch_classifier import patch_classifier
from tfseis.models.sections.unet import unet

SHEAR, STRETCH = 0.5, 0.1  # of training crops: measured, see docs/adr/0002
TIME = 2  # the axis that is constant on a time slice
MOST_CROPS = 2000  # held-out crops scored after each epoch, for the learning curve
MOST_WINDOWS = 64  # the same of a U-Net, which labels many samples in each


@dataclass(frozen=True)
class Survey:
    """A cube, its labels, and the amplitudes around them."""

    cube: SegyCube
    labels: Labels
    scaling: Scaling
    settings: Settings
    sections: list[Section]
    axis: int
    volumes: list[Volume] = field(repr=False)

    @classmethod
    def of(cls, cube: SegyCube, labels: Labels, scaling: Scaling, settings: Settings) -> "Survey":
        """Lay sections through the labels and read the amplitudes around them.

        Raises:
            LabelError: fewer than two classes, or labels that share no kind of section.
        """
        if len(labels.legend) < 2:
            raise LabelError(
                f"Expected labels of at least two classes; got {', '.join(labels.legend.names)}. "
                "Add points of another class."
            )
        sections = find_sections(labels.positions)
        alive = live_labels(cube, sections, labels.positions)
        if not alive.all():
            labels = replace(
                labels, positions=labels.positions[alive], classes=labels.classes[alive]
            )
            sections = find_sections(labels.positions)
        axis = main_axis(sections) if settings.flat else 0
        reach = Reach(*margins(settings.crop_size, named_channels(settings.channels)))
        data = labels.positions, labels.classes
        volumes = [
            section_volume(
                cube,
                section,
                data,
                reach,
                scaling,
                flat=settings.flat,
                beside=settings.sections // 2,
            )
            for section in sections
        ]
        return cls(cube, labels, scaling, settings, sections, axis, volumes)

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
        legend, settings = self.labels.legend, self.settings
        return FaciesRecipe(
            network=settings.network,
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
        settings = self.settings
        channels, classes = len(named_channels(settings.channels)), len(self.labels.legend)
        if settings.windows:
            seen = channels if settings.sections == 1 else settings.sections
            axes = 2 if settings.flat else 3
            model = unet((*[None] * axes, seen), classes=classes, filters=settings.filters)
        else:
            model = patch_classifier(
                (*[settings.crop_size] * (2 if settings.flat else 3), channels),
                classes=classes,
                layout=settings.layout,
                filters=settings.filters,
            )
        return with_recipe(model, self.recipe)

    @property
    def variation(self) -> Variation:
        """How training crops vary: mirrored, tilted or stretched a bit."""
        if uses_coordinates(named_channels(self.settings.channels)):
            return Variation()
        axes = len(self.settings.crop_shape)
        if self.settings.flat and self.axis == TIME:
            return Variation(mirrored=(axes - 2, axes - 1))
        return Variation(mirrored=tuple(range(axes - 1)), shear=SHEAR, stretch=STRETCH)

    def guard(self) -> int:
        """Samples between training and test labels from which their crops share nothing."""
        return span(self.settings.crop_size, named_channels(self.settings.channels))

    def folds(self) -> list[Fold]:
        """Blocks to score; none where no score is wanted, or the labels are too narrow."""
        if not self.settings.folds:
            return []
        return block_folds(self.labels.positions, folds=self.settings.folds, guard=self.guard())

    def fingerprint(self) -> str:
        """Tells this data and these settings from others, to resume the right run."""
        digest = hashlib.sha256(self.labels.positions.tobytes() + self.labels.classes.tobytes())
        return (
            f"{self.settings} {self.cube.path.name} {self.scaling} labels {digest.hexdigest()[:12]}"
        )


def train(
    survey: Survey,
    folder: Path,
    *,
    chosen: np.ndarray | None = None,
    held_out: np.ndarray | None = None,
    more: Sequence[Volume] = (),
    title: str,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on the labels of a mask (all by default) and `more`; resumes a run in `folder`."""
    everything = np.ones(len(survey.labels), bool)
    volumes = [*survey.only(everything if chosen is None else chosen), *more]
    settings = survey.settings
    channels, windows = named_channels(settings.channels), settings.windows
    validation = None
    if held_out is not None:
        outside = survey.only(held_out)
        count = sum(len(volume.classes) for volume in outside)
        rng = np.random.default_rng(settings.seed)
        most = MOST_WINDOWS if windows else MOST_CROPS
        validation = all_patches(
            outside,
            crop_size=settings.crop_shape,
            channels=channels,
            batch_size=most // 4,
            chosen=np.sort(rng.permutation(count)[:most]),
            windows=windows,
        )
        validation = _as_seen(validation, settings)
    loss, accuracy = objective(settings)
    return fit(
        survey.build,
        lambda first: batches(survey, volumes, first),
        settings.training,
        folder=folder,
        loss=loss,
        accuracy=accuracy,
        validation=validation,
        run=survey.fingerprint(),
        title=title,
    )


def batches(survey: Survey, volumes: list[Volume], first: int = 0) -> tf.data.Dataset:
    """Endless training batches from number `first` on."""
    settings = survey.settings
    draw = window_dataset if settings.windows else patch_dataset
    drawn = draw(
        volumes,
        crop_size=settings.crop_shape,
        channels=named_channels(settings.channels),
        batch_size=settings.batch_size,
        seed=settings.seed,
        variation=survey.variation,
        first_batch=first,
    )
    return _as_seen(drawn, settings)


def _as_seen(windows: tf.data.Dataset, settings: Settings) -> tf.data.Dataset:
    return windows.map(sections_as_channels) if settings.sections > 1 else windows


def objective(settings: Settings) -> tuple[Callable, Callable]:
    """Loss and accuracy on logits: of one label a crop, or of one a sample."""
    if settings.windows:
        return labelled_crossentropy, labelled_accuracy
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss, keras.metrics.sparse_categorical_accuracy
