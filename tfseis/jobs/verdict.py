"""Whether a trained network is better than what needs none: one sentence on top of everything."""

from collections.abc import Sequence

from tfseis.jobs.metrics import SplitScore, Verdict

BETTER, SAME, WORSE, UNKNOWN = "better", "no better", "worse", "unknown"
RANKS = (BETTER, SAME, WORSE, UNKNOWN)
MARGIN = 0.01  # of a score from 0 to 1: what differs by less counts as the same


def compared(
    scores: Sequence[SplitScore],
    measure: str,
    *,
    words: str = "",
    expect: str = "",
    lower: bool = False,
    margin: float = MARGIN,
) -> Verdict:
    """Compare a network with the best baseline of the first split that was scored.

    Args:
        scores: scores by split, the one that counts first.
        measure: name of the score to compare.
        words: that name for people; the name itself if empty.
        expect: what to expect elsewhere, a sentence.
        lower: whether a lower score is the better one.
        margin: difference below which both count as the same.

    Examples:
        >>> score = SplitScore(split="b", network={"iou": 0.6}, baselines={"depth": {"iou": 0.7}})
        >>> compared([score], "iou").text
        'Worse than no network: iou 0.600 against 0.700 of depth (b).'
    """
    expect = f" {expect}" if expect else ""
    ours = scores[0].network.get(measure) if scores else None
    rows = scores[0].baselines.items() if scores else ()
    theirs = [(found, name) for name, row in rows if (found := row.get(measure)) is not None]
    if ours is None or not theirs:
        return Verdict(
            rank=UNKNOWN,
            text=f"No score says whether this network is better than none.{expect}",
        )
    best, name = (min if lower else max)(theirs)
    ahead = best - ours if lower else ours - best
    rank = SAME if abs(ahead) < margin else BETTER if ahead > 0 else WORSE
    return Verdict(
        rank=rank,
        text=f"{rank.capitalize()} than no network: {words or measure} {ours:.3f} against "
        f"{best:.3f} of {name} ({scores[0].split}).{expect}",
    )
