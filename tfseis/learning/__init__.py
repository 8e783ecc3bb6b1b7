"""Learning and measuring: fitting, saving, scores, baselines."""

from tfseis.backend import require_keras

require_keras()

from tfseis.learning.baselines import BASELINES, copy_nearest, depth_only, most_frequent  # noqa: E402
from tfseis.learning.borehole_losses import BOREHOLE_LOSSES  # noqa: E402
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS, level_labels, with_levels  # noqa: E402
from tfseis.learning.distillation import Distillation, taught  # noqa: E402
from tfseis.learning.fault_baselines import low_semblance  # noqa: E402
from tfseis.learning.fault_counts import FaultCounts  # noqa: E402
from tfseis.learning.fault_losses import (  # noqa: E402
    CrossentropyAndDice,
    balanced_crossentropy,
    dice_loss,
    fault_crossentropy,
    thin_dice,
)
from tfseis.learning.fault_scores import FaultScores, fault_scores, tolerant_iou  # noqa: E402
from tfseis.learning.fit import Training, fit  # noqa: E402
from tfseis.learning.gather_losses import (  # noqa: E402
    GATHER_LOSSES,
    kept_accuracy,
    weighted_absolute,
    weighted_square,
)
from tfseis.learning.gather_scores import (  # noqa: E402
    GatherScore,
    gather_score,
    local_correlation,
    signal_leakage,
    snr_gain,
)
from tfseis.learning.label_audit import label_audit  # noqa: E402
from tfseis.learning.losses import labelled_accuracy, labelled_crossentropy  # noqa: E402
from tfseis.learning.mask_fit import MaskTraining, fit_masks  # noqa: E402
from tfseis.learning.mask_losses import (  # noqa: E402
    LossSum,
    lovasz_hinge,
    mask_crossentropy,
    mask_dice,
    mask_focal,
    mask_jaccard,
)
from tfseis.learning.mask_scores import Decision, kaggle_scores, search_decision  # noqa: E402
from tfseis.learning.metrics import (  # noqa: E402
    Dice,
    KaggleMeanIoU,
    MaskAccuracy,
    MaskPrecision,
    MaskRecall,
    MeanIoU,
)
from tfseis.learning.saving import load_model  # noqa: E402
from tfseis.learning.scores import accuracy, class_scores, confusion_matrix, mean_iou  # noqa: E402
from tfseis.learning.timed_fit import TimedTraining, fit_timed  # noqa: E402

__all__ = [
    "BASELINES",
    "BOREHOLE_LOSSES",
    "GATHER_LOSSES",
    "LEVEL_WEIGHTS",
    "CrossentropyAndDice",
    "Decision",
    "Dice",
    "Distillation",
    "FaultCounts",
    "FaultScores",
    "GatherScore",
    "KaggleMeanIoU",
    "LossSum",
    "MaskAccuracy",
    "MaskPrecision",
    "MaskRecall",
    "MaskTraining",
    "MeanIoU",
    "TimedTraining",
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
    "fit_masks",
    "fit_timed",
    "gather_score",
    "kaggle_scores",
    "kept_accuracy",
    "label_audit",
    "labelled_accuracy",
    "labelled_crossentropy",
    "level_labels",
    "load_model",
    "local_correlation",
    "lovasz_hinge",
    "low_semblance",
    "mask_crossentropy",
    "mask_dice",
    "mask_focal",
    "mask_jaccard",
    "mean_iou",
    "most_frequent",
    "search_decision",
    "signal_leakage",
    "snr_gain",
    "taught",
    "thin_dice",
    "tolerant_iou",
    "weighted_absolute",
    "weighted_square",
    "with_levels",
]
