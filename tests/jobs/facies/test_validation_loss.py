"""The validation loss of a history, computed once more by NumPy from crops of the cube."""

import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import ArrayCube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import MOST_CROPS, MOST_WINDOWS, train

SIZE, LINE = 8, 5
NETWORKS = {
    "patch": {"layout": "cna cnap", "filters": (3, 4)},
    "unet": {"filters": (2, 3), "channels": "amplitude"},
}
BATCH = {"patch": MOST_CROPS // 4, "unet": MOST_WINDOWS // 4}


@pytest.mark.parametrize("network", [pytest.param("patch", marks=pytest.mark.slow), "unet"])
def test_the_validation_loss_is_that_of_numpy(network, tmp_path):
    made = facies_survey((11, 30, 28), seed=0)
    rng = np.random.default_rng(2)
    places = rng.permutation(np.argwhere(np.ones((30, 28), bool)))[:100]
    positions = np.insert(places, 0, LINE, axis=1)
    classes = made.facies[tuple(positions.T)].astype("int64")
    labels = Labels(positions, classes, Legend.of(made.names))
    scaling = Scaling(0.1, float(made.amplitude.std()))
    settings = FaciesSettings(
        network=network,
        crop_size=SIZE,
        epochs=1,
        crops_per_epoch=8,
        batch_size=4,
        **NETWORKS[network],
    )
    survey = Survey.of(ArrayCube(made.amplitude, made.geometry), labels, scaling, settings)
    held_out = np.arange(100) >= 60
    volumes = survey.only(~held_out)
    model, history = train(
        survey, tmp_path, volumes, held_out=held_out, title="train", progress=False
    )
    section = ((made.amplitude[LINE] - scaling.centre) / scaling.spread).clip(-10, 10)
    section = np.pad(section, SIZE, mode="symmetric")
    truth = np.full(section.shape, -1)
    truth[tuple(places[held_out].T + SIZE)] = classes[held_out]
    window = lambda place: tuple(slice(n - SIZE // 2, n + SIZE // 2) for n in place + SIZE)
    crops = np.stack([section[window(place)] for place in places[held_out]])
    wanted = classes[held_out]
    if network == "unet":
        wanted = np.stack([truth[window(place)] for place in places[held_out]])
    logits = model.predict(crops[..., np.newaxis], verbose=0).astype("float64")
    means, sizes = [], []
    for start in range(0, len(wanted), BATCH[network]):
        batch = slice(start, start + BATCH[network])
        known = wanted[batch] >= 0
        some, which = logits[batch][known], wanted[batch][known]
        norm = np.log(np.exp(some).sum(axis=-1))
        means.append((norm - some[np.arange(len(which)), which]).mean())
        sizes.append(len(wanted[batch]))
    assert len(means) == {"patch": 1, "unet": 3}[network]
    expected = np.average(means, weights=sizes)
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-4)
