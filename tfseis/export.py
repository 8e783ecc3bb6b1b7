"""Trained models as SavedModels that serve raw images or amplitudes, without tfseis.

Everything around the network is inside: scaling, padding, cropping, the threshold. Serving needs
TensorFlow alone.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.preparation import salt_mask
from tfseis.data.scaling import LIMIT
from tfseis.errors import ModelError
from tfseis.inference.block_tensors import (
    block_statistics,
    centre_and_spread,
    quantiles,
    scaled_block,
    surrounded,
)
from tfseis.inference.equivariant import phases
from tfseis.inference.facies import DenseClassifier
from tfseis.inference.gather_tensors import gather_level, measured_samples
from tfseis.inference.images import image_probability
from tfseis.io.boreholes import SENTINEL
from tfseis.io.output_folder import complete_folder
from tfseis.learning.saving import load_model
from tfseis.models.receptive_field import receptive_field
from tfseis.models.recipe import BoreholeRecipe, FaultRecipe, recipe_of

SAVED = ("saved_model.pb", "fingerprint.pb", "variables", "assets")  # what a SavedModel holds
TOLERANCE = 1e-5  # between the model and what was written
TRIAL = (3, 37, 29)  # of a raw block on which both are compared; an image is its last two axes
Tensors = dict[str, tf.Tensor]
Signature = tuple[Callable[..., Tensors], list[tf.TensorSpec]]


def export_model(model: keras.Model | str | Path, folder: str | Path, *,
                 overwrite: bool = False) -> dict[str, Signature]:  # fmt: skip
    """Write a trained model as a SavedModel, and check that it answers as the model does.

    Signatures of a salt model, on raw images (batch, rows, columns, channels) of any size:
    ``serve_uint8`` (0 to 255) and ``serve_float32`` (0 to 1); where depth is one of its channels,
    ``serve_uint8_depth`` and ``serve_float32_depth`` take the depths too, (batch,), in metres.
    Outputs: ``probability``, float32, and ``mask``, uint8, both (batch, rows, columns).

    Signatures of a facies model, on raw amplitudes (inlines, crosslines, samples) of a block or, a
    single line or time being enough for a 2D network, a section: ``serve_float32``, scaled with the
    statistics of the training survey, and ``serve_float32_scaled``, which takes the ``centre`` and
    ``spread`` of another. Outputs: ``probability`` (inlines, crosslines, samples, classes),
    float32, and ``facies``, int16 class codes; 0 at dead samples.

    Signatures of a fault model are the same two, on a raw block of any size; where the training
    data were scaled cube by cube, ``serve_float32`` estimates the statistics of the block. Outputs:
    ``probability``, float32, and ``mask``, uint8, both (inlines, crosslines, samples); 0 at dead
    samples.

    Signature of a gather model that sees amplitude alone: ``serve_float32``, on raw amplitudes
    (gathers, traces, samples), traces by offset, samples as far apart as in training. Outputs:
    ``kept`` and ``removed``, float32; each gather is seen at once, without windows.

    Signatures of a borehole model, on raw images (patches, rows, columns) of one well, -999 where
    nothing was measured: ``serve_float32`` scales them by their own statistics, as a well is;
    ``serve_float32_scaled`` takes the ``centre`` and ``spread`` of the well. Outputs:
    ``probability``, float32, and ``mask``, uint8, both (patches, rows, columns).

    Args:
        model: a trained model that carries its recipe, or the file that holds it.
        folder: where the SavedModel shall lie.
        overwrite: replace a SavedModel of that name.

    Returns:
        The signatures by name: each a function and what it takes.

    Raises:
        TfseisError: the model cannot be loaded, carries no recipe, is of a job that has no export,
            or answers otherwise once saved; or the folder is taken.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    recipe = recipe_of(loaded)
    if recipe.job not in EXPORTS:
        raise ModelError(
            f"Expected a model of {' or '.join(EXPORTS)}; got one of {recipe.job}. Models of that "
            "job are used through tfseis."
        )
    with complete_folder(folder, results=SAVED, overwrite=overwrite) as partial:
        tracked, signatures = EXPORTS[recipe.job](loaded)
        archive = keras.export.ExportArchive()
        archive.track(tracked)
        for name, (serve, takes) in signatures.items():
            archive.add_endpoint(name, serve, input_signature=takes)
        archive.write_out(str(partial), verbose=False)
        _check(partial, signatures)
    return signatures


def _salt(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    recipe = recipe_of(model)

    def serve(images: tf.Tensor, depth: tf.Tensor | None = None) -> Tensors:
        probability = image_probability(model, images, recipe, depth)
        mask = salt_mask(probability, recipe)
        return {"probability": probability[..., 0], "mask": mask[..., 0]}

    def plain(images: tf.Tensor) -> Tensors:
        return serve(images)

    signatures: dict[str, Signature] = {}
    for dtype in ("uint8", "float32"):
        images = tf.TensorSpec([None] * 4, dtype, name="images")
        signatures[f"serve_{dtype}"] = plain, [images]
        if "depth" in recipe.channels:
            depth = tf.TensorSpec([None], "float32", name="depth")
            signatures[f"serve_{dtype}_depth"] = serve, [images, depth]
    return model, signatures


def _facies(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    classifier = DenseClassifier(model)
    recipe = classifier.recipe
    forward = classifier.forward(lambda logits: tf.nn.softmax(tf.cast(logits, "float32")))
    codes = tf.constant(recipe.codes, tf.int16)

    def scaled(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        for axis, around in enumerate(classifier.reach):
            block = surrounded(block, axis, around.before, around.after)
        section = tf.shape(amplitude)
        if classifier.flat:
            block = tf.experimental.numpy.moveaxis(block, recipe.axis, 0)
            last = tf.stack([section[a] - 1 for a in range(3) if a != recipe.axis])
            found = forward(block, tf.zeros([2], tf.int32), tf.maximum(last, 1))
            found = tf.experimental.numpy.moveaxis(found, 0, recipe.axis)
        else:
            found = forward(block[tf.newaxis], tf.zeros([0], tf.int32), tf.zeros([0], tf.int32))[0]
        probability = tf.where(live[..., tf.newaxis], found, 0.0)
        classes = tf.where(
            live, tf.gather(codes, tf.argmax(found, axis=-1)), tf.constant(0, tf.int16)
        )
        return {"probability": probability, "facies": classes}

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        return scaled(amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"]))

    return classifier.network, _raw_signatures(plain, scaled)


def _faults(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    recipe = recipe_of(model)

    def scaled(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        logits = model(block[tf.newaxis, ..., tf.newaxis], training=False)[0]
        fault = logits[..., -1] - (logits[..., 0] if logits.shape[-1] == 2 else 0.0)
        probability = tf.where(live, tf.sigmoid(fault), 0.0)
        return _marked(probability, recipe)

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        if stored:
            return scaled(amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"]))
        return scaled(amplitude, *block_statistics(amplitude))

    return model, _raw_signatures(plain, scaled)


def _gathers(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    recipe = recipe_of(model)
    if recipe.channels != ("amplitude",):
        raise ModelError(
            f"Expected a gather model that sees amplitude alone; got {', '.join(recipe.channels)}. "
            "Apply it with `tfseis gathers apply`, or train one without further channels."
        )

    def serve(amplitude: tf.Tensor) -> Tensors:
        clean, live = measured_samples(amplitude)
        level = gather_level(clean, live, recipe.sample_interval)
        scaled = (clean / level)[..., tf.newaxis]
        removed = level * (scaled - model(scaled, training=False))[..., 0]
        removed = tf.where(live, removed, 0.0)
        return {"kept": clean - removed, "removed": removed}

    block = tf.TensorSpec([None] * 3, "float32", name="amplitude")
    return model, {"serve_float32": (serve, [block])}


def _boreholes(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    recipe = recipe_of(model)
    stride = receptive_field(model).stride[0]
    shifts = range(phases(model, recipe.columns))

    def measured(images: tf.Tensor) -> tf.Tensor:
        return tf.math.is_finite(images) & (images > SENTINEL)

    def scaled(images: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        within = tf.clip_by_value((images - centre) / spread, -LIMIT, LIMIT)
        clean = tf.where(measured(images), within, 0.0)
        rows = tf.shape(clean)[1]
        more = tf.repeat(clean[:, -1:], tf.math.floormod(-rows, stride), axis=1)
        whole = tf.concat([clean, more], axis=1)[..., tf.newaxis]
        turns = [tf.roll(model(tf.roll(whole, s, 2), training=False), -s, 2) for s in shifts]
        probability = tf.sigmoid(tf.add_n(turns) / len(turns))[:, :rows, :, 0]
        return _marked(probability, recipe)

    def plain(images: tf.Tensor) -> Tensors:
        return scaled(
            images, *centre_and_spread(quantiles(tf.boolean_mask(images, measured(images))))
        )

    return model, _raw_signatures(plain, scaled, [None, None, recipe.columns], "images")


EXPORTS = {
    "salt": _salt, "facies": _facies, "faults": _faults, "gathers": _gathers,
    "boreholes": _boreholes,
}  # fmt: skip


def _marked(probability: tf.Tensor, recipe: FaultRecipe | BoreholeRecipe) -> Tensors:
    """Probability, and what lies above the threshold."""
    mask = tf.cast(probability > recipe.threshold, tf.uint8)
    return {"probability": probability, "mask": mask}


def _raw_signatures(
    plain: Callable[..., Tensors],
    scaled: Callable[..., Tensors],
    shape: Sequence[int | None] = (None, None, None),
    name: str = "amplitude",
) -> dict[str, Signature]:
    """Signatures on raw values: with statistics at hand, and with those that are given."""
    block = tf.TensorSpec(shape, "float32", name=name)
    numbers = [tf.TensorSpec([], "float32", name=name) for name in ("centre", "spread")]
    return {
        "serve_float32": (plain, [block]),
        "serve_float32_scaled": (scaled, [block, *numbers]),
    }


def _check(folder: Path, signatures: dict[str, Signature]) -> None:
    """Compare what lies in a folder with what was put there."""
    written = tf.saved_model.load(str(folder)).signatures
    rng = np.random.default_rng(0)
    for name, (serve, takes) in signatures.items():
        given = {}
        for spec in takes:
            trial = {4: (2, *TRIAL[1:], 1), 3: TRIAL, 1: (2,), 0: ()}[spec.shape.rank]
            shape = tuple(a or b for a, b in zip(spec.shape, trial, strict=True))
            values = rng.integers(0, 256, shape) if spec.dtype == "uint8" else rng.random(shape)
            given[spec.name] = tf.constant(values, spec.dtype)
        found = written[name](**given)
        graph = tf.function(serve, input_signature=takes)  # eager sums round otherwise
        for output, expected in graph(*given.values()).items():
            apart = np.abs(np.subtract(found[output], expected, dtype="float32")).max()
            if not apart <= TOLERANCE:  # nor is what is no number
                raise ModelError(
                    f"Expected the SavedModel to answer as the model does; {output} of {name} "
                    f"differs by {apart:.2g}. Use another version of TensorFlow."
                )
