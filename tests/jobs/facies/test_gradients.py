"""What was not labelled or not recorded teaches nothing, from the file to the logits."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from tfseis.data.scaling import Scaling
from tfseis.io import open_segy
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.settings import DEFAULTS
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import batches, objective


@pytest.mark.parametrize("network", ["unet", "unet25", "unet3d"])
@pytest.mark.parametrize("line", [(1, 5), (2, 3)], ids=str)
def test_unlabelled_and_dead_samples_have_exactly_no_gradient(
    make, amplitude, ragged, network, line
):
    """Three of four samples of one section are labelled, whatever was recorded there."""
    amplitude += 1
    amplitude[4, 2:4] = amplitude[1, 5] = 0
    amplitude[4, 6, 5] = amplitude[2, 5, 3] = np.nan
    cube = open_segy(make(live=ragged))
    positions = np.argwhere(np.ones(amplitude.shape, bool))
    axis, index = line
    some = (positions[:, axis] == index) & (positions.sum(axis=1) % 4 > 0)
    positions = positions[some]
    labels = Labels(positions, positions.sum(axis=1) % 3, Legend.of(["a", "b", "c"]))
    settings = replace(
        DEFAULTS[network], filters=(2, 3), crop_size=6, batch_size=30, crops_per_epoch=30, folds=0
    )
    survey = Survey.of(cube, labels, Scaling(-500.0, 900.0), settings)
    assert len(survey.labels) < len(labels)  # there are labels on dead samples
    model, (loss, _) = survey.build(), objective(survey)
    crops, classes = next(iter(batches(survey, survey.volumes)))
    with tf.GradientTape() as tape:
        logits = model(crops, training=True)
        tape.watch(logits)
        cost = loss(classes, logits)
    gradient = np.abs(tape.gradient(cost, logits).numpy()).max(axis=-1)
    known = classes.numpy() >= 0
    assert (gradient[~known] == 0).all()
    assert (gradient[known] > 0).all()
    dead = crops.numpy()[..., crops.shape[-1] // 2] == 0  # no recorded sample scales to 0
    assert dead.any()
    assert (gradient[dead] == 0).all()
    assert 0.01 < known.mean() < 0.8
