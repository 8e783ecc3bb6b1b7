"""Training on traces that are hidden from the network; filling in those that are missing."""

import keras
import numpy as np

from infill import InfillRecipe
from tfseis import __version__
from tfseis.data import Scaling, survey_scaling
from tfseis.io import open_cube, write_segy
from tfseis.jobs.contract import Applied
from tfseis.jobs.metrics import Metrics, SplitScore
from tfseis.jobs.run import RunFolder
from tfseis.jobs.verdict import compared
from tfseis.learning.fitting import Training, fit
from tfseis.learning.saving import as_model, save_model
from tfseis.models import recipe_for, with_recipe

HIDDEN, INLINES, USUAL = 0.3, 4, "mean of both neighbours"


def train_infill(cube, *, out, settings, overwrite=False):
    """Train on four fifths of the inlines and score some of the others."""
    cube = open_cube(cube)
    scaling = survey_scaling(cube)
    values = scaling.apply(*cube.read((slice(None),) * 3))[..., np.newaxis]
    trains, tests = np.split(values, [len(values) * 4 // 5])
    told = {"job": "infill", "settings": settings, "identity": f"{cube.name} {scaling}"}
    run = RunFolder.begin(out, results=["model.keras"], overwrite=overwrite, **told)
    recipe = InfillRecipe(scaling=scaling.as_dict(), seed=settings.seed, version=__version__)
    build = lambda: with_recipe(network(), recipe)
    draw = lambda first: batches(trains, settings.seed, first)
    plan, folder = Training(steps=20, **vars(settings)), run.training / "all"
    done = fit(build, draw, plan, folder=folder, loss=hidden_error)
    model = done.model
    save_model(model, run.out / "model.keras")
    shown, target = next(batches(tests, settings.seed, 0))
    beside = (np.roll(shown[..., :1], 1, 1) + np.roll(shown[..., :1], -1, 1)) / 2
    ours, theirs = ({"error": float(hidden_error(target, x))} for x in (model(shown), beside))
    score = SplitScore(split="inlines", network=ours, baselines={USUAL: theirs})
    metrics = Metrics(
        data={"cube": cube.name},
        parameters=model.count_params(),
        scores=[score],
        verdict=compared([score], "error", lower=True),
        epochs=[len(done.history)],
        training_minutes=done.history["minutes"].iloc[-1],
    )
    return run.finish(metrics, f"{ours}, {USUAL}: {theirs}", ["model.keras"])


def apply_infill(model, cube, out, *, overwrite=False):
    """Write the cube with the traces that it lacks; all others stay as they are."""
    model, cube = as_model(model), open_cube(cube)
    scaling = Scaling(**recipe_for(model, "infill").scaling)
    amplitude, live = cube.read((slice(None),) * 3)
    shown = np.stack([scaling.apply(amplitude, live), live], -1)
    found = scaling.centre + scaling.spread * np.asarray(model(shown))[..., 0]
    filled = np.where(cube.live[..., np.newaxis], amplitude, found).astype("float32")
    write_segy(out, filled, cube.geometry, overwrite=overwrite)
    count = int((~cube.live).sum())
    return Applied(files=(out,), facts={"filled": count}, text=f"{count} traces filled in")


def network():
    """Amplitude and mask of the shown traces in, amplitude of all traces out."""
    inputs = x = keras.Input((None, None, 2))
    for width in (8, 8):
        x = keras.layers.Conv2D(width, 5, padding="same", activation="relu")(x)
    return keras.Model(inputs, keras.layers.Conv2D(1, 5, padding="same")(x))


def batches(values, seed, first):
    """Inlines with hidden traces; batch n depends on the seed and n alone."""
    while True:
        rng = np.random.default_rng([seed, first])
        chosen = values[rng.permutation(len(values))[:INLINES]]
        shown = (rng.random((*chosen.shape[:2], 1, 1)) > HIDDEN) + 0 * chosen
        yield np.concatenate([chosen * shown, shown], -1), np.concatenate([chosen, 1 - shown], -1)
        first += 1


def hidden_error(target, found):
    """Mean squared error of the hidden traces; `target` holds amplitudes and where they are."""
    wanted, hidden = target[..., :1], target[..., 1:]
    return keras.ops.sum(hidden * (found - wanted) ** 2) / keras.ops.sum(hidden)
