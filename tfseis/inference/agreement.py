"""How far a lower numeric precision agrees with float32, and which of them computes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from tfseis.errors import ModelError

LEAST_IOU, MOST_APART = 0.99, 0.002  # of masks; of probabilities, on average
LEAST_SAME = 0.99  # of the samples, whose largest probability is that of the same class
LEAST_DECIBEL = 40.0  # of a signal over what differs: 1 % of its amplitudes
NONE_COMPARED = "no window could be compared"


class Agreement(Protocol):
    """How far a lower precision agrees with float32, on some windows."""

    EXPECTED: ClassVar[str]  # what is asked of it, in words

    @property
    def good(self) -> bool:
        """Whether one may be taken for the other."""

    def facts(self) -> dict[str, Any]:
        """What was compared, as plain values by name."""


Windows = Sequence[np.ndarray]
Agree = Callable[[Windows, Windows, Windows], Agreement]  # in float32; lower; which samples count


@dataclass(frozen=True)
class MaskAgreement:
    """How far probabilities and masks in a lower precision agree with those in float32.

    Args:
        windows: number of windows that were compared.
        marked: number of their samples that are above the threshold in either.
        iou: intersection over union of both masks, 0 to 1; 1 where neither marks a sample, so that
            the probabilities alone decide.
        difference: mean absolute difference of the probabilities of live samples.
    """

    EXPECTED: ClassVar[str] = (
        f"IoU of masks at least {LEAST_IOU}, mean difference of probabilities below {MOST_APART}"
    )
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
            return NONE_COMPARED
        masks = f"IoU of masks {self.iou:.4f}" if self.marked else "neither marks a sample"
        return (
            f"{masks}, mean difference of probabilities {self.difference:.5f}, windows compared "
            f"{self.windows}"
        )

    def facts(self) -> dict[str, Any]:
        """``precision_iou`` and ``precision_difference``."""
        return {"precision_iou": self.iou, "precision_difference": self.difference}


@dataclass(frozen=True)
class ClassAgreement:
    """How far class probabilities in a lower precision agree with those in float32.

    Args:
        windows: number of windows that were compared.
        same: share of the live samples whose likeliest class is the same, 0 to 1.
        difference: mean absolute difference of the probabilities of live samples.
    """

    EXPECTED: ClassVar[str] = (
        f"the same class at {LEAST_SAME:.0%} of the samples or more, mean difference of "
        f"probabilities below {MOST_APART}"
    )
    windows: int
    same: float
    difference: float

    @property
    def good(self) -> bool:
        """Whether one may be taken for the other: 99 % the same, difference below 0.002."""
        return self.windows > 0 and self.same >= LEAST_SAME and self.difference < MOST_APART

    def __str__(self) -> str:
        if not self.windows:
            return NONE_COMPARED
        return (
            f"the same class at {self.same:.2%} of the samples, mean difference of probabilities "
            f"{self.difference:.5f}, windows compared {self.windows}"
        )

    def facts(self) -> dict[str, Any]:
        """``precision_same`` and ``precision_difference``."""
        return {"precision_same": self.same, "precision_difference": self.difference}


@dataclass(frozen=True)
class SignalAgreement:
    """How far amplitudes in a lower precision agree with those in float32.

    Args:
        windows: number of windows that were compared.
        decibel: energy of the live samples in float32 over that of the difference, in dB; infinity
            where nothing differs.
    """

    EXPECTED: ClassVar[str] = f"signal over difference at least {LEAST_DECIBEL:g} dB"
    windows: int
    decibel: float

    @property
    def good(self) -> bool:
        """Whether one may be taken for the other: 40 dB or more."""
        return self.windows > 0 and self.decibel >= LEAST_DECIBEL

    def __str__(self) -> str:
        if not self.windows:
            return NONE_COMPARED
        return f"signal over difference {self.decibel:.1f} dB, windows compared {self.windows}"

    def facts(self) -> dict[str, Any]:
        """``precision_decibel``."""
        return {"precision_decibel": self.decibel}


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
        """Plain values: ``precision``, why, and what was compared, if anything was."""
        facts = {"precision": self.precision, "precision_reason": self.reason}
        return facts | (self.agreement.facts() if self.agreement else {})


def mask_agreement(
    exact: Windows, lower: Windows, live: Windows, threshold: float
) -> MaskAgreement:
    """Compare probabilities in float32 with those in a lower precision, all windows together.

    Args:
        exact: for each window the probabilities in float32.
        lower: for each window the probabilities in the lower precision.
        live: for each window which of its samples count, bool.
        threshold: a sample is marked where its probability is above this.

    Examples:
        >>> exact, lower = np.array([0.1, 0.6, 0.7, 0.9]), np.array([0.9, 0.6, 0.4, 0.9])
        >>> found = mask_agreement([exact], [lower], [np.array([False, True, True, True])], 0.5)
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
    return MaskAgreement(len(exact), either, iou, apart / max(samples, 1))


def class_agreement(exact: Windows, lower: Windows, live: Windows) -> ClassAgreement:
    """Compare class probabilities in float32 with those in a lower precision.

    Args:
        exact: for each window the probabilities in float32, (.., classes).
        lower: for each window the probabilities in the lower precision.
        live: for each window which of its samples count, bool, without the axis of classes.

    Examples:
        >>> exact, lower = np.array([[0.6, 0.4], [0.2, 0.8]]), np.array([[0.4, 0.6], [0.2, 0.8]])
        >>> found = class_agreement([exact], [lower], [np.array([True, True])])
        >>> found.same, round(found.difference, 3)
        (0.5, 0.1)
    """
    same = samples = values = 0
    apart = 0.0
    for one, two, where in zip(exact, lower, live, strict=True):
        first, second = one[where], two[where]
        same += int((first.argmax(axis=-1) == second.argmax(axis=-1)).sum())
        apart += float(np.abs(first.astype("float64") - second).sum())
        samples, values = samples + len(first), values + first.size
    return ClassAgreement(len(exact), same / max(samples, 1), apart / max(values, 1))


def signal_agreement(exact: Windows, lower: Windows, live: Windows) -> SignalAgreement:
    """Compare amplitudes in float32 with those in a lower precision.

    Args:
        exact: for each window the amplitudes in float32.
        lower: for each window those in the lower precision.
        live: for each window which of its samples count, bool.

    Examples:
        >>> exact, lower = np.array([3.0, 4.0]), np.array([3.0, 4.5])
        >>> signal_agreement([exact], [lower], [np.array([True, True])]).decibel
        20.0
    """
    energy = apart = 0.0
    for one, two, where in zip(exact, lower, live, strict=True):
        first = one[where].astype("float64")
        energy += float(np.square(first).sum())
        apart += float(np.square(first - two[where]).sum())
    if apart == 0:
        return SignalAgreement(len(exact), float("inf"))
    with np.errstate(divide="ignore"):
        return SignalAgreement(len(exact), float(10 * np.log10(energy / apart)))


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
            f"Expected int8 to agree with float32 ({found.EXPECTED}); got {found}. Use "
            "--precision auto."
        )
    says = "agrees with float32" if found.good else "does not agree with float32"
    if wanted == "auto":
        return Chosen("bfloat16" if found.good else "float32", f"bfloat16 {says}: {found}", found)
    return Chosen(wanted, f"as asked; it {says}: {found}", found)
