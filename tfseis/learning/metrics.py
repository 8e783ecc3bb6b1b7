"""Metrics and scores of `tfseis.scores` under the names that `compile` calls know."""

from tfseis.scores.baselines import BASELINES, copy_nearest, depth_only, most_frequent
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix, mean_iou
from tfseis.scores.denoising import (
    GatherScore,
    gather_score,
    local_correlation,
    signal_leakage,
    snr_gain,
)
from tfseis.scores.label_audit import label_audit
from tfseis.scores.masks import Decision, kaggle_scores, search_decision
from tfseis.scores.metrics import (
    Dice,
    KaggleMeanIoU,
    MaskAccuracy,
    MaskPrecision,
    MaskRecall,
    MeanIoU,
)
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surface_counts import FaultCounts
from tfseis.scores.surfaces import FaultScores, fault_scores, tolerant_iou

__all__ = [
    "BASELINES",
    "Decision",
    "Dice",
    "FaultCounts",
    "FaultScores",
    "GatherScore",
    "KaggleMeanIoU",
    "MaskAccuracy",
    "MaskPrecision",
    "MaskRecall",
    "MeanIoU",
    "accuracy",
    "class_scores",
    "confusion_matrix",
    "copy_nearest",
    "depth_only",
    "fault_scores",
    "gather_score",
    "kaggle_scores",
    "label_audit",
    "local_correlation",
    "low_semblance",
    "mean_iou",
    "most_frequent",
    "search_decision",
    "signal_leakage",
    "snr_gain",
    "tolerant_iou",
]
