"""A trained model over more data than fits in memory."""

from tfseis.backend import require_keras

require_keras()

from tfseis.inference.boreholes import predict_patches, predict_well  # noqa: E402
from tfseis.inference.cube import predict_cube  # noqa: E402
from tfseis.inference.dense import dense_model  # noqa: E402
from tfseis.inference.ensemble import ensemble  # noqa: E402
from tfseis.inference.equivariant import effective_field, equivariant_predict, phases  # noqa: E402
from tfseis.inference.facies import DenseClassifier, Predicted  # noqa: E402
from tfseis.inference.fault_model import FaultModel  # noqa: E402
from tfseis.inference.fault_sticks import fault_sticks  # noqa: E402
from tfseis.inference.fault_surfaces import FaultSurfaces, fault_surfaces  # noqa: E402
from tfseis.inference.gathers import GatherDenoiser, Windowing  # noqa: E402
from tfseis.inference.images import image_probability  # noqa: E402
from tfseis.inference.runtime import Runtime  # noqa: E402
from tfseis.inference.sinusoids import FittedPlane, fit_planes  # noqa: E402
from tfseis.inference.volume import Windows, predict_volume  # noqa: E402

__all__ = [
    "DenseClassifier",
    "FaultModel",
    "FaultSurfaces",
    "FittedPlane",
    "GatherDenoiser",
    "Predicted",
    "Runtime",
    "Windowing",
    "Windows",
    "dense_model",
    "effective_field",
    "ensemble",
    "equivariant_predict",
    "fault_sticks",
    "fault_surfaces",
    "fit_planes",
    "image_probability",
    "phases",
    "predict_cube",
    "predict_patches",
    "predict_volume",
    "predict_well",
]
