"""Distillation: a network, the student, learns from labels and from the logits of a teacher.

Source: FaultNet (squared error of log-softmax); Hinton et al. 2015, Distilling the Knowledge in a
Neural Network, https://arxiv.org/abs/1503.02531 (temperature); Tarvainen and Valpola 2017, Mean
teachers are better role models, https://arxiv.org/abs/1703.01780.
Differs from it: the teacher's logits are part of the targets, so that any training loop works. To
iterate, use the last student as the next teacher. Where labels are unknown, the student learns from
the teacher alone, whose logits serve as soft pseudo-labels.
"""

from collections.abc import Callable, Iterable, Iterator

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError
from tfseis.learning.losses.one_number import unreduced

KINDS = ("log-softmax", "divergence", "loss")


def taught(
    batches: Iterable[tuple[KerasTensor, KerasTensor]],
    teacher: keras.Model,
    *,
    training: bool = False,
    noise: float = 0.0,
    seed: int | keras.random.SeedGenerator = 0,
) -> Iterator[tuple[KerasTensor, KerasTensor]]:
    """Batches whose targets hold labels and the teacher's logits, as `Distillation` takes them.

    Args:
        batches: pairs of amplitudes and labels; labels are (batch, ..., 1) or (batch, ...).
        teacher: a trained network, which is not changed. It may change between batches: with the
            averaged weights of the student itself it is a mean teacher.
        training: whether the teacher predicts with its dropout switched on.
        noise: standard deviation of the noise that is added to the amplitudes that the student
            sees, in their units; the teacher sees them without. A mean teacher needs some noise.
        seed: seed of the noise, or a generator, whose state `fit` saves if it is given as one of
            `random`.

    Yields:
        Amplitudes, and targets, float32 (batch, ..., 1 + classes): labels, then logits.
    """
    draws = keras.random.SeedGenerator(seed) if isinstance(seed, int) else seed
    for amplitude, labels in batches:
        logits = ops.cast(ops.stop_gradient(teacher(amplitude, training=training)), "float32")
        hard = ops.cast(labels, "float32")
        if len(hard.shape) < len(logits.shape):
            hard = ops.expand_dims(hard, -1)
        added = noise * keras.random.normal(ops.shape(amplitude), seed=draws) if noise else 0.0
        yield amplitude + added, ops.concatenate([hard, logits], axis=-1)


@keras.saving.register_keras_serializable("tfseis")
class Distillation(keras.losses.Loss):
    """A loss against the labels plus a loss against the teacher, for targets from `taught`.

    Args:
        loss: function of labels and logits.
        kind: loss against the teacher: "log-softmax", the mean squared difference of the logarithms
            of the probabilities; "divergence", the Kullback-Leibler divergence times the square of
            the temperature; or "loss", `loss` itself with the teacher's probabilities as labels,
            for networks with one logit.
        temperature: divides the logits of both; above 1 the student learns more of the classes
            that the teacher finds less likely.
        share: weight of the loss against the teacher, 0 or more; the source uses 1.
        name: name of the loss.

    Raises:
        ModelError: the kind is not known, or the temperature is not above 0.
    """

    def __init__(
        self,
        loss: Callable[[KerasTensor, KerasTensor], KerasTensor],
        *,
        kind: str = "log-softmax",
        temperature: float = 1.0,
        share: float = 1.0,
        name: str = "distillation",
    ) -> None:
        if kind not in KINDS or not temperature > 0:
            raise ModelError(
                f"Expected kind {' or '.join(map(repr, KINDS))}, and a temperature above 0; got "
                f"{kind!r}, {temperature}. Choose one of these."
            )
        super().__init__(name=name)
        self.loss, self.kind = loss, kind
        self.temperature, self.share = temperature, share

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """Both losses added, (1,), for targets from `taught` and the student's logits."""
        labels, teacher = y_true[..., :1], y_true[..., 1:]
        return ops.reshape(
            self._mean(labels, y_pred) + self.share * self._soft(teacher, y_pred), (1,)
        )

    def _mean(self, labels: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.mean(unreduced(self.loss)(labels, y_pred))

    def _soft(self, teacher: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """The loss against the teacher's logits, a scalar."""
        if self.kind == "loss":
            if teacher.shape[-1] != 1:
                raise ModelError(
                    f"Expected a teacher with one logit for kind 'loss'; got {teacher.shape[-1]}. "
                    "Choose 'log-softmax' or 'divergence'."
                )
            return self._mean(ops.sigmoid(teacher / self.temperature), y_pred)
        theirs = _log_probabilities(teacher / self.temperature)
        ours = _log_probabilities(ops.cast(y_pred, "float32") / self.temperature)
        if self.kind == "log-softmax":
            return ops.mean(ops.square(ours - theirs))
        soft = ops.mean(ops.sum(ops.exp(theirs) * (theirs - ours), axis=-1))
        return soft * self.temperature**2

    def get_config(self) -> dict[str, object]:
        """All arguments it was made with."""
        return {
            "name": self.name,
            "loss": keras.saving.serialize_keras_object(self.loss),
            "kind": self.kind,
            "temperature": self.temperature,
            "share": self.share,
        }

    @classmethod
    def from_config(cls, config: dict) -> "Distillation":
        """The loss that `get_config` describes."""
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


def _log_probabilities(logits: KerasTensor) -> KerasTensor:
    """Logarithm of each probability, (..., classes); one logit is that of the second of two."""
    if logits.shape[-1] == 1:
        logits = ops.concatenate([ops.zeros_like(logits), logits], axis=-1)
    return ops.log_softmax(logits, axis=-1)
