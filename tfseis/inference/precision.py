"""Networks in a lower numeric precision, where it agrees with float32 on the user's own data.

Float32 by OpenVINO is compared with TensorFlow by `tfseis.inference.Runtime`. Lower precisions are
compared with that float32 here, on windows that are spread over the data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfseis.errors import ModelError
from tfseis.inference.agreement import Agree, Chosen, decided
from tfseis.inference.numbered import Inputs, Window
from tfseis.inference.openvino_models import check_installed, required
from tfseis.inference.quantization import eight_bits
from tfseis.inference.runtime import Runtime, check_backend

PRECISIONS = ("auto", "float32", "bfloat16", "int8")
FEWEST, MOST = 4, 8  # windows that are compared
SHARE = 50  # between these numbers one of so many windows is
WORTH = 24  # windows, below which the comparison takes what bfloat16 saves
NATIVE = (8, 0)  # compute capability of GPUs that compute bfloat16 themselves


class Lowerable(Protocol):
    """A network that a `Runtime` computes, and what it answers for a batch of windows."""

    @property
    def runtime(self) -> Runtime:
        """What computes it."""

    def __call__(self, batch: np.ndarray, /) -> np.ndarray:
        """What is compared, (batch, .., outputs), such as probabilities."""

    def settle(self, batch: np.ndarray, /) -> None:
        """Let the runtime choose now what computes, by these windows; see `Runtime.settle`."""

    def lowered(self, precision: str, windows: Sequence[np.ndarray] = (), /) -> Self:
        """The same network in a lower precision; for int8 it is measured on these windows."""


Model = TypeVar("Model", bound=Lowerable)


@dataclass(frozen=True)
class Answering:
    """A network and what is compared of its logits.

    Args:
        runtime: computes the logits.
        answer: from logits to probabilities or amplitudes.
    """

    runtime: Runtime
    answer: Callable[[np.ndarray], Any] = np.asarray

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """What is compared."""
        return np.asarray(self.answer(self.runtime(batch)))

    def settle(self, batch: np.ndarray) -> None:
        """Let the runtime choose now what computes."""
        self.runtime.settle(batch)

    def lowered(self, precision: str, windows: Sequence[np.ndarray] = ()) -> Self:
        """The same in a lower precision."""
        return replace(self, runtime=lowered(self.runtime, precision, windows))


@dataclass(frozen=True)
class Computed:
    """What computed, and in which precision.

    Args:
        backend: "keras" or "openvino"; both, where networks differ.
        reason: why.
        precision: the numeric precision, and why.
    """

    backend: str
    reason: str
    precision: Chosen

    @classmethod
    def by(cls, runtimes: Sequence[Runtime], chosen: Chosen) -> "Computed":
        """What some networks, of which each has computed something, are computed by."""
        backends = sorted({runtime.backend for runtime in runtimes})
        return cls(" and ".join(backends), runtimes[0].reason, chosen)

    def facts(self) -> dict[str, Any]:
        """Plain values: ``backend``, ``backend_reason``, ``precision`` and what else is known."""
        known = {"backend": self.backend, "backend_reason": self.reason}
        return known | self.precision.facts()

    def text(self) -> str:
        """The same in one line, for people."""
        computed = f"computed by {self.backend} in {self.precision.precision}"
        return f"{computed} ({self.precision.reason}; {self.backend}: {self.reason})"


def check_computing(backend: str, precision: str) -> None:
    """Refuse what is not known or not installed, before anything is loaded or read.

    Raises:
        ModelError: another backend or precision than those of `BACKENDS` and `PRECISIONS`.
        MissingPackageError: OpenVINO, or NNCF for int8, is asked for and not installed.
    """
    check_backend(backend)
    if precision not in PRECISIONS:
        raise ModelError(f"Expected a precision among {', '.join(PRECISIONS)}; got {precision!r}.")
    if precision == "int8":
        for package, extra in (("openvino", "openvino"), ("nncf", "int8")):
            check_installed(package, extra)


def with_precision(
    models: Sequence[Model],
    wanted: str,
    inputs: Inputs,
    agree: Agree,
    *,
    progress: bool = True,
) -> tuple[Sequence[Model], Chosen]:
    """The same networks in the precision that is wanted, and why.

    Which library computes is settled before, by the first live window.

    Args:
        models: networks in float32 whose mean is taken, or the files of some with 8 bits.
        wanted: "float32"; "bfloat16"; "int8"; or "auto" for bfloat16 where the processor computes
            it itself and it agrees with float32 on this data, and float32 elsewhere.
        inputs: the windows of the data.
        agree: measures how far the answers in windows agree.
        progress: show a progress bar.

    Raises:
        ModelError: an unknown precision; one that these models or this processor do not compute;
            int8 does not agree with float32.
        MissingPackageError: NNCF or OpenVINO is not installed for int8.
    """
    check_computing("auto", wanted)
    for window, _ in inputs.spread(1):
        for model in models:
            model.settle(window[np.newaxis])
    stored = [model.runtime.precision == "int8" for model in models]
    if any(stored):
        if wanted not in {"auto", "int8"} or not all(stored):
            raise ModelError(
                f"Expected models in float32 for --precision {wanted}; got the file of one with "
                "weights of 8 bits. Give its .keras file, or it alone with --precision auto."
            )
        return models, Chosen("int8", "weights of 8 bits in the file of the model")
    if wanted == "float32":
        return models, Chosen("float32", "as asked")
    if wanted == "int8":
        return _in_int8(models, inputs, _Check(agree, progress))
    return _in_bfloat16(models, wanted, inputs, _Check(agree, progress))


def precision_of(
    runtime: Runtime,
    wanted: str,
    inputs: Inputs,
    agree: Agree,
    *,
    answer: Callable[[np.ndarray], Any] = np.asarray,
    progress: bool = True,
) -> tuple[Runtime, Chosen]:
    """One network in the precision that is wanted, and why; see `with_precision`.

    Args:
        runtime: the network in float32.
        wanted: "auto", "float32", "bfloat16" or "int8".
        inputs: the windows of the data.
        agree: measures how far the answers in windows agree.
        answer: from logits to what is compared.
        progress: show a progress bar.
    """
    (found,), chosen = with_precision(
        [Answering(runtime, answer)], wanted, inputs, agree, progress=progress
    )
    return found.runtime, chosen


def lowered(runtime: Runtime, precision: str, inputs: Sequence[np.ndarray] = ()) -> Runtime:
    """The network of a runtime in bfloat16 by the same library, or in int8 by OpenVINO.

    Args:
        runtime: computes in float32.
        precision: "bfloat16" or "int8".
        inputs: batches on which the ranges of activations are measured for int8.
    """
    if precision == "int8":
        made = Runtime(
            eight_bits(runtime.source, inputs), "openvino", many_sizes=runtime.many_sizes
        )
    else:
        made = Runtime(runtime.source, runtime.backend, precision, many_sizes=runtime.many_sizes)
    made.reason = runtime.reason if made.backend == runtime.backend else "it computes int8"
    return made


def computes_bfloat16(backend: str) -> bool:
    """Whether the processor computes bfloat16 itself: for OpenVINO the CPU, for Keras the GPU."""
    if backend == "openvino":
        core = required("openvino", "openvino").Core()
        return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return bool(gpus) and all(d.get("compute_capability", (0, 0)) >= NATIVE for d in details)


@dataclass(frozen=True)
class _Check:
    """How networks in two precisions are compared."""

    agree: Agree
    progress: bool

    def answers(self, models: Sequence[Model], windows: list[Window]) -> list[np.ndarray]:
        """Mean answer of the networks in each window."""
        bar = tqdm(windows, unit=" windows", desc="compare", disable=not self.progress)
        batches = (block[np.newaxis] for block, _ in bar)
        return [np.mean([model(batch)[0] for model in models], axis=0) for batch in batches]

    def outcome(
        self,
        pair: tuple[Sequence[Model], Sequence[Model]],
        exact: list[np.ndarray],
        windows: list[Window],
        wanted: str,
    ) -> tuple[Sequence[Model], Chosen]:
        """The networks of float32, or the lower ones; and why."""
        lower = self.answers(pair[1], windows)
        found = self.agree(exact, lower, [live for _, live in windows])
        chosen = decided(wanted, found)
        return pair[chosen.precision != "float32"], chosen


def _in_bfloat16(
    models: Sequence[Model], wanted: str, inputs: Inputs, check: _Check
) -> tuple[Sequence[Model], Chosen]:
    """Bfloat16 where it is asked for, or pays and agrees; else float32."""
    total, cause = inputs.count(), _obstacle(models)
    if not cause and wanted == "auto" and total < WORTH:
        cause = f"{total} windows are too few to gain from bfloat16"
    if cause and wanted == "bfloat16":
        raise ModelError(
            "Expected a processor that computes bfloat16 itself (a CPU with AMX or AVX512-BF16 and "
            "OpenVINO, or a GPU of compute capability 8.0); got another, on which it is slower "
            "than float32. Use --precision auto."
        )
    if cause:
        return models, Chosen("float32", cause)
    windows = list(inputs.spread(_compared(total)))
    exact = check.answers(models, windows)
    lower = [model.lowered("bfloat16") for model in models]
    return check.outcome((models, lower), exact, windows, wanted)


def _in_int8(
    models: Sequence[Model], inputs: Inputs, check: _Check
) -> tuple[Sequence[Model], Chosen]:
    """Int8, measured on some windows of the data and compared with float32 on others."""
    if any(model.runtime.backend == "keras" for model in models):
        raise ModelError(
            "Expected OpenVINO for --precision int8; TensorFlow computes here. Use --backend "
            "openvino, or --precision auto."
        )
    windows = list(inputs.spread(2 * _compared(inputs.count())))
    if len(windows) < 2:
        raise ModelError(
            "Expected two or more windows with live samples for --precision int8, to measure on "
            f"some and compare on others; got {len(windows)}. Use --precision auto."
        )
    compared, measured = windows[::2], [block[np.newaxis] for block, _ in windows[1::2]]
    exact = check.answers(models, compared)
    lower = [model.lowered("int8", measured) for model in models]
    return check.outcome((models, lower), exact, compared, "int8")


def _obstacle(models: Sequence[Lowerable]) -> str:
    """Why bfloat16 is not worth a try; empty if it is."""
    native = all(computes_bfloat16(model.runtime.backend) for model in models)
    return "" if native else "this processor does not compute bfloat16 itself"


def _compared(total: int) -> int:
    """Number of windows that are compared, of so many."""
    return min(MOST, max(FEWEST, total // SHARE))
