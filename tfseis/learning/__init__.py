"""Learning and measuring: fitting, saving, scores, baselines."""

from tfseis.backend import require_keras

require_keras()

from tfseis.learning.baselines import BASELINES, copy_nearest, depth_only, most_frequent  # noqa: E402
from tfseis.learning.borehole_losses import BOREHOLE_LOSSES  # noqa: E402
from tfseis.learning.fit import Training, fit  # noqa: E402
from tfseis.learning.label_audit import label_audit  # noqa: E402
from tfseis.learning.losses import labelled_accuracy, labelled_crossentropy  # noqa: E402
from tfseis.learning.saving import load_model  # noqa: E402
from tfseis.learning.scores import accuracy, class_scores, confusion_matrix, mean_iou  # noqa: E402

__all__ = [
    "BASELINES",
    "BOREHOLE_LOSSES",
    "Training",
    "accuracy",
    "class_scores",
    "confusion_matrix",
    "copy_nearest",
    "depth_only",
    "fit",
    "label_audit",
    "labelled_accuracy",
    "labelled_crossentropy",
    "load_model",
    "mean_iou",
    "most_frequent",
]
