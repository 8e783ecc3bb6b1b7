"""Scores of predicted classes from a confusion matrix; NumPy and pandas only."""

import numpy as np
import pandas as pd

from tfseis.errors import LabelError


def confusion_matrix(truth: np.ndarray, prediction: np.ndarray, classes: int) -> np.ndarray:
    """Numbers of samples for each pair of true and predicted class.

    Args:
        truth: true class indices, integers of any shape; samples with a negative index are
            unlabelled and do not count.
        prediction: predicted class indices, integers of the same shape, 0 to classes - 1.
        classes: number of classes.

    Returns:
        int64 (classes, classes); rows are the truth.

    Raises:
        LabelError: truth and prediction differ in shape.

    Examples:
        >>> confusion_matrix(np.array([0, 0, 1, -1]), np.array([0, 1, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape:
        raise LabelError(
            f"Expected truth and prediction of one shape; got {truth.shape} and "
            f"{prediction.shape}. Cut both from the same part."
        )
    known = truth >= 0
    pairs = truth[known].astype("int64") * classes + prediction[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def class_scores(confusion: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """Precision, recall, F1, IoU and support of each class, and their averages.

    Scores without a denominator, as of a class that neither occurs nor is predicted, are NaN.
    Averages are taken over the classes that occur in the truth: `mean` counts each class once,
    `weighted` counts it by its support.

    Args:
        confusion: numbers of samples, integers (classes, classes); rows are the truth.
        names: name of each class.

    Returns:
        Table with one row for each class, then the rows "mean" and "weighted". Columns precision,
        recall, f1 and iou are 0 to 1; support is the number of samples of the true class.

    Examples:
        >>> class_scores(np.array([[3, 1], [0, 4]]), ("shale", "salt"))["iou"].round(3).tolist()
        [0.75, 0.8, 0.775, 0.775]
    """
    hit = np.diag(confusion).astype("float64")
    support, predicted = confusion.sum(1), confusion.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = pd.DataFrame(
            {
                "precision": hit / predicted,
                "recall": hit / support,
                "f1": 2 * hit / (support + predicted),
                "iou": hit / (support + predicted - hit),
                "support": support,
            },
            index=pd.Index(names, name="class"),
        )
    occurs = table[support > 0]
    filled = occurs.fillna(0.0)  # precision of a class that is never predicted counts as 0
    weights = filled["support"] / max(filled["support"].sum(), 1)
    measures = ["precision", "recall", "f1", "iou"]
    table.loc["mean", measures] = filled[measures].mean()
    table.loc["weighted", measures] = filled[measures].mul(weights, axis=0).sum()
    table.loc[["mean", "weighted"], "support"] = filled["support"].sum()
    return table.astype({"support": "int64"})


def mean_iou(confusion: np.ndarray) -> float:
    """Intersection over union, averaged over the classes that occur in the truth.

    Args:
        confusion: numbers of samples, integers (classes, classes); rows are the truth.

    Returns:
        0 to 1; NaN where there are no samples.

    Examples:
        >>> mean_iou(np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]]))
        0.775
    """
    hit, support = np.diag(confusion), confusion.sum(1)
    union = support + confusion.sum(0) - hit
    occurs = support > 0
    return float(np.mean(hit[occurs] / union[occurs])) if occurs.any() else float("nan")


def accuracy(confusion: np.ndarray) -> float:
    """Share of the samples whose class is predicted correctly.

    Args:
        confusion: numbers of samples, integers (classes, classes); rows are the truth.

    Returns:
        0 to 1; 0 where there are no samples.

    Examples:
        >>> accuracy(np.array([[3, 1], [0, 4]]))
        0.875
    """
    return float(np.trace(confusion) / max(confusion.sum(), 1))
