"""Dense evaluation of the seed's facies network, beside classifying crop by crop.

Also the whole way from SEG-Y to SEG-Y, in points a minute, and the time that the Dutch F3 cube
(651 x 951 x 462) would take, from a tenth of it.
"""

import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from benchmarks.timing import timed
from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import SegyCube, open_segy
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.channels import margins, named_channels
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.patches import all_patches
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.models.recipe import with_recipe
from tfseis.models.sections.patch_classifier import patch_classifier

SECTION = (951, 462)  # crosslines and samples of an F3 inline
F3_INLINES = 651
TENTH = 65
CLASSES = 9
CROP = 24
COMPARED = 20_000  # points of the section that are also classified crop by crop
BATCH = 1000  # crops; the fastest for the peer
TOLERANCE = 1e-5
REPEATS = 5


def run(inlines: int = TENTH) -> pd.DataFrame:
    """Points a minute, dense against crop by crop, and from file to file.

    Args:
        inlines: number of inlines of the cube that is predicted from SEG-Y to SEG-Y.

    Returns:
        Columns what, ours (million points a minute), peer (the same), ratio (ours / peer).
    """
    keras.utils.set_random_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f3.sgy"
        write(path, inlines)
        with open_segy(path) as cube:
            scaling = survey_scaling(cube)
            model = seed_model(cube, scaling)
            rows = [dense_against_crops(model, cube, scaling)]
            began = time.perf_counter()
            apply_facies(model, cube, Path(folder) / "out.sgy", progress=False)
            rate = np.prod(cube.shape) / (time.perf_counter() - began) * 60 / 1e6
    points = F3_INLINES * np.prod(SECTION) / 1e6
    rows.append({"what": f"{inlines} inlines, SEG-Y to SEG-Y", "ours": rate})
    rows.append({"what": f"so all of F3 takes {points / rate:.1f} min", "ours": rate})
    return pd.DataFrame(rows)


def write(path: Path, inlines: int) -> None:
    axes = Axis("inline", 100, 1, inlines), Axis("crossline", 300, 1, SECTION[0])
    amplitude = np.random.default_rng(0).normal(size=(inlines, *SECTION)).astype("float32")
    write_segy(path, amplitude, Geometry(*axes, Axis("sample", 4, 4, SECTION[1])))


def seed_model(cube: SegyCube, scaling: Scaling, channels: str = "seed") -> keras.Model:
    """The network of the F3 notebook with its 24 x 24 x 8 crop, normalisations not trivial."""
    model = patch_classifier((CROP, CROP, len(named_channels(channels))), classes=CLASSES)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(rng.normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
    numbers = range(CLASSES)
    recipe = FaciesRecipe(
        network="patch",
        axes=2,
        answers="middle of a crop",
        crop_size=CROP,
        channels=channels,
        axis=0,
        codes=tuple(numbers),
        names=tuple(map(str, numbers)),
        colours=("#000000",) * CLASSES,
        scaling=scaling.as_dict(),
        grid=cube.geometry.signature(),
        seed=0,
        version="benchmark",
    )
    return with_recipe(model, recipe)


def dense_against_crops(model: keras.Model, cube: SegyCube, scaling: Scaling) -> dict:
    """The same section both ways; confidence and class agree before anything is timed."""
    line = slice(0, 1), slice(None), slice(None)
    classifier = DenseClassifier(model)
    dense = classifier.predict(cube, line, scaling)

    channels = named_channels("seed")
    halo = Halo(*margins(CROP, channels))
    section, _ = read_region(cube, line, (Halo(), halo, halo), scaling)
    places = np.argwhere(np.ones(SECTION, bool))
    volume = Volume(section[0], halo, places, np.zeros(len(places), int))
    some = np.sort(np.random.default_rng(1).permutation(len(places))[:COMPARED])
    crops = all_patches(
        [volume], crop_size=CROP, channels=channels, batch_size=BATCH, chosen=some
    ).cache()
    logits = model.predict(crops, verbose=0)
    probability = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    there = tuple(places[some].T)
    confidence = probability.max(1)
    assert np.abs(confidence - dense.confidence[0][there]).max() <= TOLERANCE
    sure = confidence - np.sort(probability, 1)[:, -2] > TOLERANCE
    assert (probability.argmax(1) == dense.classes[0][there])[sure].all()

    ours = np.median(
        [timed(lambda: classifier.predict(cube, line, scaling)) for _ in range(REPEATS)]
    )
    peer = np.median([timed(lambda: model.predict(crops, verbose=0)) for _ in range(REPEATS)])
    rates = np.array([np.prod(SECTION) / ours, COMPARED / peer]) * 60 / 1e6
    return {
        "what": "section 951 x 462: dense / crop by crop",
        "ours": rates[0],
        "peer": rates[1],
        "ratio": rates[0] / rates[1],
    }


if __name__ == "__main__":
    print(run().round(2).to_string(index=False))
