"""What a run notes of itself, so that the same run is known again."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from tfseis.jobs.contract import recorded

Identity = str | Mapping[str, str | Mapping[str, str]]
SHOWN = 3  # names of files that a refusal tells


def run_note(
    job: str,
    data: Identity,
    settings: Any,
    limits: Mapping[str, float | None],
    results: Sequence[str],
) -> dict[str, Any]:
    """What a run notes of itself.

    Args:
        job: name of the job.
        data: tells this data from other data: a text, or texts by what they are of; instead of a
            text, texts by the names of files or images.
        settings: dataclass of the settings.
        limits: settings that may be raised to go on, with what they amount to; None is no limit.
        results: names of the files and folders that may be written.
    """
    return {
        "job": job,
        "data": dict(data) if isinstance(data, Mapping) else data,
        "settings": {
            name: value for name, value in recorded(settings).items() if name not in limits
        },
        "limits": dict(limits),
        "results": [*results],
    }


def same_run(known: dict[str, Any] | None, mine: dict[str, Any]) -> bool:
    """Whether two runs are one, but for their limits.

    Args:
        known: note of a run, None where there is none.
        mine: note of another one.
    """
    return known is not None and not differing(known, mine)


def raised_limits(known: dict[str, Any] | None, mine: dict[str, Any]) -> bool:
    """Whether some limit is higher than it was, and none is lower; None is no limit.

    Args:
        known: note of the run before, None where there is none.
        mine: note of this run.
    """
    before = (known or {}).get("limits", {})
    pairs = [
        (inf if before.get(name) is None else before[name], inf if value is None else value)
        for name, value in mine["limits"].items()
    ]
    return all(new >= old for old, new in pairs) and any(new > old for old, new in pairs)


def differing(known: dict[str, Any], mine: dict[str, Any]) -> str:
    """What differs between two runs: names of settings, with both values; "" if nothing.

    Args:
        known: note of the run before.
        mine: note of this run.
    """
    parts = ["job"] if known.get("job") != mine["job"] else []
    parts += _data(known.get("data"), mine["data"])
    before, now = (_settings(note, mine["limits"]) for note in (known, mine))
    parts += [
        f"{name} ({before.get(name)} before, {now.get(name)} now)"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    return ", ".join(parts)


def _data(before: Any, now: Any) -> list[str]:
    """Which data differ, where both runs say it of each."""
    if before == now:
        return []
    if not (isinstance(before, Mapping) and isinstance(now, Mapping)):
        return ["data"]
    parts = []
    for name in {**before, **now}:
        old, new = before.get(name), now.get(name)
        if old != new:
            parts.append(f"{name} {_files(old, new)}" if isinstance(new, Mapping) else name)
    return [f"data ({'; '.join(parts)})"]


def _files(before: Any, now: Mapping[str, str]) -> str:
    """The first files that differ, and how many more do."""
    before = before if isinstance(before, Mapping) else {}
    names = sorted(name for name in {**before, **now} if before.get(name) != now.get(name))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _settings(note: dict[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a run but those that now are limits."""
    every = {**note.get("limits", {}), **note.get("settings", {})}
    return {name: value for name, value in every.items() if name not in limits}
