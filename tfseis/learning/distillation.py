"""A student that learns from labels and from the logits of a teacher, by a plain `fit`.

Source: FaultNet (squared error of log-softmax); Hinton et al. 2015, Distilling the Knowledge in a
Neural Network, https://arxiv.org/abs/1503.02531 (temperature); Tarvainen and Valpola 2017, Mean
teachers are better role models, https://arxiv.org/abs/1703.01780.
Differs from it: the teacher's logits are part of the targets, so that nothing is subclassed. To
iterate, give the last student as the next teacher. Where labels are unknown, the teacher alone
teaches: its logits are pseudo-labels, soft ones.
"""

from collections.abc import Callable, Iterable, Iterator

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError

KINDS = ("log-softmax", "divergence", "loss")


def taught(
    batches: Iterable[tuple[KerasTensor, KerasTensor]],
    teacher: keras.Model,
    *,
    training: bool = False,
    noise: float = 0.0,
    seed: int | keras.random.SeedGenerator = 0,
) -> Iterator[tuple[KerasTensor, KerasTensor]]:
    """Batches whose targets hold the labels and the teacher's logits, for `Distillation`.

    Args:
        batches: (amplitude, labels); labels (batch, .., 1) or (batch, ..).
        teacher: of any size; it is not changed. It may change between batches: the averaged
            network of the student itself is a mean teacher.
        training: whether the teacher runs with its dropout, as the student does.
        noise: deviation of what is added to the student's amplitudes, not to the teacher's; a
            mean teacher needs some to be consistent with.
        seed: of the noise.

    Yields:
        Amplitude, and float32 (batch, .., 1 + classes): labels, then logits.
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
    """A loss against the labels plus one against the teacher, on targets from `taught`.

    Args:
        loss: of (labels, logits).
        kind: "log-softmax", the mean squared error between the logarithms of both probabilities;
            "divergence", that of Kullback and Leibler, times the square of the temperature; or
            "loss", the loss itself, with the teacher's probabilities of one logit as labels.
        temperature: divides both logits; above 1 it shows what the teacher holds second best.
        share: of the teacher's term, 0 to 1 and more; the source adds both with 1.
        name: of the loss.

    Raises:
        ModelError: an unknown kind, or a temperature that is not positive.
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
        super().__init__(name=name, reduction=None)
        self.loss, self.kind = loss, kind
        self.temperature, self.share = temperature, share

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """Targets of `taught`, and the student's logits."""
        labels, teacher = y_true[..., :1], y_true[..., 1:]
        if self.kind == "loss":
            if teacher.shape[-1] != 1:
                raise ModelError(
                    f"Expected a teacher with one logit for kind 'loss'; got {teacher.shape[-1]}. "
                    "Choose 'log-softmax' or 'divergence'."
                )
            soft = self.loss(ops.sigmoid(teacher / self.temperature), y_pred)
            return self.loss(labels, y_pred) + self.share * soft
        theirs = _log_probabilities(teacher / self.temperature)
        ours = _log_probabilities(ops.cast(y_pred, "float32") / self.temperature)
        if self.kind == "log-softmax":
            soft = ops.mean(ops.square(ours - theirs))
        else:
            soft = ops.mean(ops.sum(ops.exp(theirs) * (theirs - ours), axis=-1))
            soft = soft * self.temperature**2
        return self.loss(labels, y_pred) + self.share * soft

    def get_config(self) -> dict[str, object]:
        """Everything that it was made with."""
        return {
            "name": self.name,
            "loss": keras.saving.serialize_keras_object(self.loss),
            "kind": self.kind,
            "temperature": self.temperature,
            "share": self.share,
        }

    @classmethod
    def from_config(cls, config: dict) -> "Distillation":
        """From what `get_config` gave."""
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


def _log_probabilities(logits: KerasTensor) -> KerasTensor:
    """Of every class, (.., classes); one logit is taken for the second of two classes."""
    if logits.shape[-1] == 1:
        logits = ops.concatenate([ops.zeros_like(logits), logits], axis=-1)
    return ops.log_softmax(logits, axis=-1)
