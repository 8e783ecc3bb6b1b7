"""A training step that several devices share, with the loss of the whole batch.

`keras.Model.train_on_batch` under a strategy gives every device the whole batch, and `fit` adds up
losses of the shares: a Dice loss of two halves is not that of the whole. Here each device computes
the outputs of its share; loss, metrics and the gradient at the outputs are computed once, on the
outputs of all; each device follows the gradient of its share back to the weights; and the sum goes
to the optimizer. The network and its optimizer are plain ones on one device.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from tfseis.devices.choice import check_shares
from tfseis.errors import ModelError

SEED_STATE = "seed_generator_state"  # as Keras names it
APART = 7919  # between the seeds of neighbouring devices


class SharedStep:
    """Trains a network on one batch, a share of it on each device.

    Batch normalization uses the statistics of the whole batch. Dropout differs between devices.

    Args:
        model: a compiled network whose optimizer has its variables, made outside of the strategy.
        strategy: keeps all weights on all of its devices.
    """

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy) -> None:
        self.model, self.strategy = model, strategy
        self._steps: dict[Any, Callable] = {}
        for layer in _layers(model):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True

    def __call__(self, batch: tuple[Any, ...]) -> dict[str, float]:
        """Make a step; loss and metrics run on until they are reset.

        Args:
            batch: (inputs, targets) or (inputs, targets, weights).

        Raises:
            ModelError: the batch cannot be cut into equal shares.
        """
        if batch[-1] is None:
            batch = batch[:-1]
        count = self.strategy.num_replicas_in_sync
        leaves = [tf.convert_to_tensor(leaf) for leaf in tree.flatten(batch)]
        check_shares(int(leaves[0].shape[0]), count)
        key = tuple((tuple(leaf.shape), leaf.dtype) for leaf in leaves)
        if key not in self._steps:
            whole = tree.pack_sequence_as(batch, leaves)
            self._steps[key] = _traced(self.model, self.strategy, whole)
        shares = [tf.split(leaf, count) for leaf in leaves]
        cut = [self._on_each(share) for share in shares]
        logs = self._steps[key](cut)
        return {name: float(logs[name]) for name in sorted(logs)}

    def _on_each(self, share: list[tf.Tensor]) -> Any:
        return self.strategy.experimental_distribute_values_from_function(
            lambda device: share[device.replica_id_in_sync_group]
        )


def _traced(model: keras.Model, strategy: tf.distribute.Strategy, whole: tuple) -> Callable:
    """The step for batches like one, as a graph."""
    judged = _judged(model, whole)
    options = {"training": True} if "training" in inspect.signature(model.call).parameters else {}

    def on_a_device(leaves: list, weights: list, state: list) -> tuple:
        device = tf.distribute.get_replica_context()
        inputs, *truth = tree.pack_sequence_as(whole, [tf.identity(leaf) for leaf in leaves])
        number = device.replica_id_in_sync_group
        before = zip(model.non_trainable_variables, state, strict=True)
        apart = [_moved(*pair, number) for pair in before]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, left, losses = model.stateless_call(
                weights, apart, inputs, return_losses=True, **options
            )
            flat = tree.flatten(outputs)
        if losses:
            raise ModelError(
                f"Expected a network whose layers add no losses of their own; {model.name!r} has "
                "some. Use weight_decay, or train on one device."
            )
        everything = device.all_gather([*tree.flatten(truth), *flat], axis=0)
        logs, slopes = device.merge_call(_once(judged), args=(everything,))
        share = [_share(slope, number, out) for slope, out in zip(slopes, flat, strict=True)]
        gradients = tape.gradient(flat, weights, output_gradients=share)
        known = [tf.convert_to_tensor(g) for g in gradients if g is not None]
        summed = iter(device.all_reduce(tf.distribute.ReduceOp.SUM, known))
        gradients = [None if g is None else next(summed) for g in gradients]
        back = zip(model.non_trainable_variables, left, strict=True)
        return logs, gradients, [_merged(*pair, device) for pair in back]

    @tf.function(autograph=False)
    def step(leaves: list) -> dict[str, tf.Tensor]:
        weights, state = (
            [tf.convert_to_tensor(variable.value) for variable in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables)
        )
        found = strategy.run(lambda cut: on_a_device(cut, weights, state), args=(leaves,))
        logs, gradients, state = tree.map_structure(lambda x: _here(strategy, x), found)
        pairs = zip(gradients, model.trainable_variables, strict=True)
        model.optimizer.apply_gradients(pairs)
        for variable, value in zip(model.non_trainable_variables, state, strict=True):
            variable.assign(value)
        return logs

    return step


def _judged(model: keras.Model, whole: tuple) -> Callable:
    """Loss and metrics of a whole batch and the gradient at its outputs, as on one device.

    It is traced outside of the strategy, in which Keras would divide losses by the devices.
    """
    known = [keras.KerasTensor(x.shape, x.dtype.name) for x in tree.flatten(whole[0])]
    outputs = model.compute_output_spec(tree.pack_sequence_as(whole[0], known))
    places = [tf.TensorSpec(x.shape, x.dtype) for x in tree.flatten(outputs)]
    truth = [tf.TensorSpec(x.shape, x.dtype) for x in tree.flatten(whole[1:])]
    meter = next(metric for metric in model.metrics if metric.name == "loss")

    @tf.function(autograph=False)
    def judged(leaves: list) -> tuple:
        flat = leaves[len(truth) :]
        targets, *weights = tree.pack_sequence_as(whole[1:], leaves[: len(truth)])
        with tf.GradientTape() as tape:
            tape.watch(flat)
            found = tree.pack_sequence_as(outputs, flat)
            loss = model.compute_loss(None, targets, found, *weights)
            scaled = model.optimizer.scale_loss(loss)
        meter.update_state(loss, sample_weight=tf.shape(flat[0])[0])
        logs = model.compute_metrics(None, targets, found, *weights)
        return logs, tape.gradient(scaled, flat, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return judged.get_concrete_function([*truth, *places])


def _once(judged: Callable) -> Callable:
    """A function of gathered values that all devices call together and that is made once."""
    return lambda strategy, leaves: judged([_here(strategy, leaf) for leaf in leaves])


def _here(strategy: tf.distribute.Strategy, value: Any) -> Any:
    """The value on the first device of this process."""
    return None if value is None else strategy.experimental_local_results(value)[0]


def _share(slope: tf.Tensor, number: Any, outputs: tf.Tensor) -> tf.Tensor:
    size = tf.shape(outputs)[0]
    return slope[number * size : (number + 1) * size]


def _moved(variable: keras.Variable, value: tf.Tensor, number: Any) -> tf.Tensor:
    """The state of a seed generator on one device; other state as it is."""
    return value + _seed_step(value, number) if variable.name == SEED_STATE else value


def _merged(variable: keras.Variable, value: tf.Tensor, device: Any) -> tf.Tensor:
    """State after a step: running statistics as means over devices, seeds as of the first one."""
    value = tf.convert_to_tensor(value)
    if variable.name == SEED_STATE:
        return value - _seed_step(value, device.replica_id_in_sync_group)
    if value.dtype.is_floating:
        return device.all_reduce(tf.distribute.ReduceOp.MEAN, value)
    return value


def _seed_step(value: tf.Tensor, number: Any) -> tf.Tensor:
    return tf.cast(number, value.dtype) * tf.constant(np.array([APART, 0]), value.dtype)


def _layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    """A layer and all that it is made of."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _layers(inner)
