"""Losses, variations and generators of the user's own, tried before anything is written."""

from typing import Any

import keras
import numpy as np

from tfseis.jobs.faults.losses import fault_loss
from tfseis.jobs.faults.pipeline import TRAINING_GENERATORS, survey_generator
from tfseis.jobs.faults.settings import VARIATIONS, FaultSettings
from tfseis.jobs.faults.survey_crops import varied_crop
from tfseis.jobs.faults.variation import FAULT_VARIATIONS
from tfseis.learning.own import check_kept, check_loss, tried
from tfseis.named import chosen, name_of


def check_own(settings: FaultSettings, network: keras.Model, *, synthetic: bool) -> None:
    """Refuse an own loss, variation or generator that fails, before anything is written.

    Args:
        settings: what trains.
        network: the untrained network.
        synthetic: whether synthetic surveys train.

    Raises:
        ModelError: a function takes or returns something else than it should.
    """
    batch = settings.batch_size, *settings.crop_shape
    loss, logits = fault_loss(settings.loss, settings.seed), network.output_shape[-1]
    name = name_of(settings.loss)
    check_loss(loss, name, (*batch, 1), (*batch, logits), dtype="float32")
    variation = chosen(settings.variation, FAULT_VARIATIONS, "variation")
    if settings.variation not in VARIATIONS:
        _try_variation(variation, settings)
    if synthetic:
        for generator in settings.generators:
            if generator not in TRAINING_GENERATORS:
                _try_generator(generator, settings)


def _try_variation(variation: Any, settings: FaultSettings) -> None:
    rng = np.random.default_rng(settings.seed)
    margin = 2 * getattr(variation, "margin", 0)
    cube = rng.normal(size=np.add(settings.crop_shape, (0, 0, margin))).astype("float32")
    tried(
        lambda: varied_crop((cube, np.sign(cube)), settings.crop_shape, rng, variation),
        f"the variation {name_of(settings.variation)}",
        "amplitude, faults and random numbers",
    )


def _try_generator(generator: Any, settings: FaultSettings) -> None:
    name, shape = f"the generator {name_of(generator)}", settings.crop_shape
    make = survey_generator(generator, settings.salty)
    survey = tried(lambda: make(shape, seed=settings.seed), name, "a shape and a keyword seed")
    parts = [getattr(survey, part, None) for part in ("amplitude", "faults")]
    check_kept(parts, [shape, shape], name, "a survey with amplitude and faults")
