"""One compiled training step of a Keras network on JAX, with averaged weights."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras

from tfseis.learning.losses.surfaces import dice_loss, fault_crossentropy, thin_dice
from training.gpu.crops import crops

LARGEST_NORM = 1.0  # of the gradient of one weight array
THIN_SHARE = 0.5  # of the loss of thinned surfaces beside the others


def ce_dice(labels: Any, logits: Any) -> Any:
    """Cross-entropy plus Dice loss."""
    return fault_crossentropy(labels, logits) + dice_loss(labels, logits)


def ce_thin(labels: Any, logits: Any) -> Any:
    """The same plus a loss of thinned surfaces, to which gaps in a fault matter most."""
    return ce_dice(labels, logits) + THIN_SHARE * thin_dice(labels, logits)


LOSSES: dict[str, Callable] = {"ce-dice": ce_dice, "ce-thin": ce_thin, "bce": fault_crossentropy}


class Learner:
    """A network, its optimiser and its averaged weights as values that a compiled step changes.

    Args:
        network: a built Keras network that returns logits.
        loss: function of labels and logits.
        memory: part of the averaged weights that a step keeps, once there were enough steps.
        crop: length of a crop along each axis, in samples.
    """

    def __init__(self, network: keras.Model, loss: Callable, *, memory: float, crop: int) -> None:
        self.network, self.memory, self.steps = network, memory, 0
        self._loss, self._crop = loss, crop
        self.optimizer = keras.optimizers.Adam(1e-3, clipnorm=LARGEST_NORM)
        self.optimizer.build(network.trainable_variables)
        trained = [jnp.asarray(v.value) for v in network.trainable_variables]
        other = [jnp.asarray(v.value) for v in network.non_trainable_variables]
        moments = [jnp.asarray(v.value) for v in self.optimizer.variables]
        averaged = [jnp.copy(v) for v in (*trained, *other)]
        self.state = trained, other, moments, averaged
        self._rate = [v is self.optimizer._learning_rate for v in self.optimizer.variables]
        self._step = jax.jit(self._stepped, donate_argnums=0)

    def learn(self, arrays: tuple, drawn: dict, key: jax.Array, rate: float) -> jax.Array:
        """One step; returns its loss, which is still being computed."""
        self.steps += 1
        kept = min(self.memory, self.steps / (10 + self.steps))
        rates = jnp.float32(rate), jnp.float32(kept)
        self.state, loss = self._step(self.state, (arrays, drawn, key), rates)
        return loss

    def averaged_weights(self) -> list[Any]:
        """Averaged weights in the order of `keras.Model.get_weights`."""
        averaged = self.state[3]
        names = [*self.network.trainable_variables, *self.network.non_trainable_variables]
        values = {id(name): value for name, value in zip(names, averaged, strict=True)}
        return [jax.device_get(values[id(v)]) for v in self.network.weights]

    def _stepped(
        self, state: tuple, batch: tuple, rates: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple, jax.Array]:
        (trained, other, moments, averaged), (rate, kept) = state, rates
        amplitude, faults = crops(*batch, size=self._crop)

        def loss_of(trained: list) -> tuple[jax.Array, list]:
            logits, changed = self.network.stateless_call(trained, other, amplitude, training=True)
            return self._loss(faults, logits), changed

        (value, changed), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained)
        moments = [rate if is_rate else v for is_rate, v in zip(self._rate, moments, strict=True)]
        learned, moved = self.optimizer.stateless_apply(moments, gradients, trained)
        average = jax.tree.map(partial(_averaged, kept), averaged, [*learned, *changed])
        # A step whose numbers are not finite is left out; the next batch is another one.
        finite = jnp.isfinite(value)
        for gradient in gradients:
            finite &= jnp.isfinite(gradient).all()
        before, after = (trained, other, moments, averaged), (learned, changed, moved, average)
        return jax.tree.map(lambda new, old: jnp.where(finite, new, old), after, before), value


def _averaged(kept: jax.Array, old: jax.Array, new: jax.Array) -> jax.Array:
    return (kept * old + (1 - kept) * new).astype(old.dtype)
