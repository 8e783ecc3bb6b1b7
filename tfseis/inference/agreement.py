"""How far a lower numeric precision agrees with float32, and which of them computes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfseis.errors import ModelError

LEAST_IOU, MOST_APART = 0.99, 0.002  # of masks; of probabilities, on average


@dataclass(frozen=True)
class Agreement:
    """How far probabilities in a lower precision agree with those in float32.

    Args:
        windows: number of windows that were compared.
        marked: number of their samples that are above the threshold in either.
        iou: intersection over union of both masks, 0 to 1; 1 where neither marks a sample, so that
            the probabilities alone decide.
        difference: mean absolute difference of the probabilities of live samples.
    """

    windows: int
    marked: int
    iou: float
    difference: float

    @property
    def good(self) -> bool:
        """Whether one may be taken for the other: IoU from 0.99 on, difference below 0.002."""
        return self.windows > 0 and self.iou >= LEAST_IOU and self.difference < MOST_APART

    def __str__(self) -> str:
        if not self.windows:
            return "no window of this cube could be compared"
        masks = f"IoU of masks {self.iou:.4f}" if self.marked else "neither marks a sample"
        return (
            f"{masks}, mean difference of probabilities {self.difference:.5f}, windows compared "
            f"{self.windows}"
        )


@dataclass(frozen=True)
class Chosen:
    """The precision that computes.

    Args:
        precision: "float32", "bfloat16" or "int8".
        reason: why, in a few words.
        agreement: of the lower precision with float32; None where they were not compared.
    """

    precision: str
    reason: str
    agreement: Agreement | None = None

    def facts(self) -> dict[str, Any]:
        """Plain values: ``precision``, why, and what was compared; None where nothing was."""
        found = self.agreement
        return {
            "precision": self.precision,
            "precision_reason": self.reason,
            "precision_iou": found.iou if found else None,
            "precision_difference": found.difference if found else None,
        }


def agreement(
    exact: Sequence[np.ndarray],
    lower: Sequence[np.ndarray],
    live: Sequence[np.ndarray],
    threshold: float,
) -> Agreement:
    """Compare probabilities in float32 with those in a lower precision, all windows together.

    Args:
        exact: for each window the probabilities in float32.
        lower: for each window the probabilities in the lower precision.
        live: for each window which of its samples count, bool.
        threshold: a sample is marked where its probability is above this.

    Examples:
        >>> exact, lower = np.array([0.1, 0.6, 0.7, 0.9]), np.array([0.9, 0.6, 0.4, 0.9])
        >>> found = agreement([exact], [lower], [np.array([False, True, True, True])], 0.5)
        >>> found.marked, round(found.iou, 3), round(found.difference, 3), found.good
        (3, 0.667, 0.1, False)
    """
    both = either = samples = 0
    apart = 0.0
    for one, two, where in zip(exact, lower, live, strict=True):
        first, second = one[where], two[where]
        both += int(((first > threshold) & (second > threshold)).sum())
        either += int(((first > threshold) | (second > threshold)).sum())
        apart += float(np.abs(first.astype("float64") - second).sum())
        samples += first.size
    iou = both / either if either else 1.0
    return Agreement(len(exact), either, iou, apart / max(samples, 1))


def decided(wanted: str, found: Agreement) -> Chosen:
    """The precision that computes, after the lower one was compared with float32.

    Args:
        wanted: "auto" takes bfloat16 where it agrees and float32 elsewhere; "bfloat16" is taken in
            either case; "int8" is taken or refused.
        found: the comparison.

    Raises:
        ModelError: int8 does not agree with float32.
    """
    if wanted == "int8" and not found.good:
        raise ModelError(
            f"Expected int8 to agree with float32 (IoU of masks at least {LEAST_IOU}, mean "
            f"difference of probabilities below {MOST_APART}); got {found}. Use --precision auto."
        )
    says = "agrees with float32" if found.good else "does not agree with float32"
    if wanted == "auto":
        return Chosen("bfloat16" if found.good else "float32", f"bfloat16 {says}: {found}", found)
    return Chosen(wanted, f"as asked; it {says}: {found}", found)
