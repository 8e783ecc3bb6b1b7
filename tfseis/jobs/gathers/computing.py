"""What computes a gather network, and in which precision, as the user and the gathers want it."""

import keras
import numpy as np

from tfseis.inference.agreement import Chosen, signal_agreement
from tfseis.inference.numbered import Numbered, Window
from tfseis.inference.precision import precision_of
from tfseis.inference.runtime import Runtime
from tfseis.inference.trial import sizes_of
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.gathers.denoiser import GatherDenoiser, denoiser

OF_EACH = 16  # windows of a gather that may be compared
SIZES = 4  # of windows, from which on their batches have more shapes than are kept compiled


def chosen_runtime(
    model: keras.Model,
    gathers: Gathers,
    *,
    size: tuple[int, int] | None = None,
    stride: tuple[int, int] | None = None,
    backend: str = "auto",
    precision: str = "auto",
    progress: bool = True,
) -> tuple[Runtime, Chosen]:
    """What computes a gather model, by a library and in a precision that suit some gathers.

    Args:
        model: trained gather model.
        gathers: the gathers that will be denoised.
        size: number of traces and of samples of a window; None for those of the model.
        stride: the same from the start of one window to that of the next.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "auto", "float32", "bfloat16" or "int8", see
            `tfseis.inference.precision.with_precision`.
        progress: whether a bar is shown.

    Raises:
        TfseisError: an unknown name, or what cannot be computed here.
    """
    plain = denoiser(model, size=size, stride=stride)
    laid = plain.windowing
    overlap = np.prod(np.divide(laid.size, laid.stride))
    sizes = np.unique(np.minimum(gathers.shapes, laid.size), axis=0)
    runtime = Runtime(
        model,
        backend,
        work=int(np.prod(gathers.shapes, axis=1).sum() * overlap),
        many_sizes=len(sizes) > SIZES,
    )
    return precision_of(
        runtime,
        precision,
        windows_of(plain, model, gathers),
        signal_agreement,
        answer=lambda kept: kept[..., 0],
        progress=progress,
    )


def windows_of(denoise: GatherDenoiser, model: keras.Model, gathers: Gathers) -> Numbered:
    """Up to `OF_EACH` windows of each gather, as the network sees them."""
    multiples = sizes_of(model) or (1, 1)

    def read(number: int) -> Window:
        gather, wanted = divmod(number, OF_EACH)
        inputs, live, places = denoise.seen(gathers.read(gather))
        if wanted >= len(places):
            return np.zeros((*multiples, inputs.shape[-1]), "float32"), np.zeros(multiples, bool)
        place = places[wanted * max(1, len(places) // OF_EACH)]
        beyond = [
            (0, -n % multiple) for n, multiple in zip(live[place].shape, multiples, strict=True)
        ]
        window = np.pad(inputs[place], [*beyond, (0, 0)], mode="symmetric")
        return window.astype("float32"), np.pad(live[place], beyond)

    return Numbered(len(gathers) * OF_EACH, read)
