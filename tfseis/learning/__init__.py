"""Learning and measuring: fitting, saving, scores, baselines."""

from tfseis.backend import require_keras

require_keras()

from tfseis.learning.baselines import BASELINES, copy_nearest, depth_only, most_frequent  # noqa: E402
from tfseis.learning.borehole_losses import BOREHOLE_LOSSES  # noqa: E402
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS, level_labels, with_levels  # noqa: E402
from tfseis.learning.distillation import Distillation, taught  # noqa: E402
from tfseis.learning.fault_losses import (  # noqa: E402
    CrossentropyAndDice,
    balanced_crossentropy,
    dice_loss,
    fault_crossentropy,
    thin_dice,
)
from tfseis.learning.fault_scores import FaultScores, fault_scores, tolerant_iou  # noqa: E402
from tfseis.learning.fit import Training, fit  # noqa: E402
from tfseis.learning.label_audit import label_audit  # noqa: E402
from tfseis.learning.losses import labelled_accuracy, labelled_crossentropy  # noqa: E402
from tfseis.learning.saving import load_model  # noqa: E402
from tfseis.learning.scores import accuracy, class_scores, confusion_matrix, mean_iou  # noqa: E402

__all__ = [
    "BASELINES",
    "BOREHOLE_LOSSES",
    "LEVEL_WEIGHTS",
    "CrossentropyAndDice",
    "Distillation",
    "FaultScores",
    "Training",
    "accuracy",
    "balanced_crossentropy",
    "class_scores",
    "confusion_matrix",
    "copy_nearest",
    "depth_only",
    "dice_loss",
    "fault_crossentropy",
    "fault_scores",
    "fit",
    "label_audit",
    "labelled_accuracy",
    "labelled_crossentropy",
    "level_labels",
    "load_model",
    "mean_iou",
    "most_frequent",
    "taught",
    "thin_dice",
    "tolerant_iou",
    "with_levels",
]
