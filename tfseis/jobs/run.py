"""The folder of a training: begun, resumed, finished by one rule for all jobs."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfseis.errors import OutputError
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.jobs.contract import Finished, recorded
from tfseis.jobs.metrics import Metrics, metrics_dict
from tfseis.learning.fitting import trained_minutes
from tfseis.view import Report

METRICS, TRAINING, REPORT, IDENTITY = "metrics.json", "training", "report.html", "run.json"
NOTE = "run.txt"  # what the training engine leaves in each folder of checkpoints


@dataclass(frozen=True)
class RunFolder:
    """Where a training keeps its checkpoints and puts its results.

    One rule holds for all jobs. ``metrics.json`` is written last, so a folder with it is finished
    and one with ``training/`` alone was interrupted. The same data and settings resume an
    interrupted run; others are refused. A finished run is refused, unless some of its limits
    (minutes, epochs) were raised and all else is the same: then it goes on. With `overwrite`
    whatever is there starts anew, but for an interrupted run of the same data and settings, which
    is resumed all the same.

    Attributes:
        out: the folder.
        job: name of the job.
        settings: settings of the training.
        command: what was run, for the record.
        began: when it began, by `time.monotonic`.
        resumed_minutes: minutes of training by commands that were interrupted.
        results: names of the files that may be written, besides metrics.json.
    """

    out: Path
    job: str
    settings: Any
    command: str
    began: float
    resumed_minutes: float
    results: tuple[str, ...] = ()

    @property
    def training(self) -> Path:
        """For checkpoints and logs."""
        return self.out / TRAINING

    @classmethod
    def begin(
        cls,
        out: str | Path,
        *,
        job: str,
        settings: Any,
        identity: str,
        results: Sequence[str],
        limits: Sequence[str] = (),
        inputs: Sequence[str | Path] = (),
        overwrite: bool = False,
        command: str = "",
        began: float | None = None,
    ) -> "RunFolder":
        """Make the folder, or take it up; call it once all input was read and checked.

        Args:
            out: the folder.
            job: name of the job.
            settings: dataclass with ``seed``.
            identity: tells this data from other data: names, digests.
            results: names of the files that are written into `out`, besides metrics.json.
            limits: names of settings that may be raised to go on with the same run.
            inputs: files that are read, which must stay.
            overwrite: replace what is there.
            command: for the record; the words of this process if empty.
            began: `time.monotonic` when the work began; now if None.

        Raises:
            OutputError: `out` is a file, holds a finished run, or one of other data or settings; or
                a result exists or would replace an input.
        """
        out = Path(out)
        check_folder(out)
        wanted = recorded(settings)
        mine: dict[str, Any] = {
            "job": job,
            "data": identity,
            "settings": {name: value for name, value in wanted.items() if name not in limits},
            "limits": {name: wanted[name] for name in limits},
        }
        known = _read(out / TRAINING / IDENTITY)
        finished = (out / METRICS).exists()
        same = known is not None and {**known, "limits": 0} == {**mine, "limits": 0}
        further = same and _raised(known["limits"], mine["limits"]) if known else False
        goes_on = same and (not finished or (further and not overwrite))
        _refuse_foreign(out / TRAINING)
        if not goes_on and not overwrite:
            _refuse(out, known, mine, finished)
        out.mkdir(parents=True, exist_ok=True)
        check_outputs(
            [out / name for name in results], inputs, overwrite or goes_on or known is not None
        )
        if not goes_on:
            shutil.rmtree(out / TRAINING, ignore_errors=True)
        (out / METRICS).unlink(missing_ok=True)
        (out / TRAINING).mkdir(parents=True, exist_ok=True)
        with complete_or_absent(out / TRAINING / IDENTITY, overwrite=True) as partial:
            partial.write_text(json.dumps(mine, indent=1))
        began = time.monotonic() if began is None else began
        return cls(
            out,
            job,
            settings,
            command or " ".join(sys.argv),
            began,
            trained_minutes(out / TRAINING),
            tuple(results),
        )

    def finish(
        self, metrics: Metrics, text: str, files: Sequence[str], report: Report | None = None
    ) -> Finished:
        """Write the report and, last, metrics.json.

        Args:
            metrics: what the job records.
            text: the scores in a few lines, for people.
            files: names of the results in the folder.
            report: the job's sections; its subtitle and its last section, Run, are added.
        """
        found = metrics_dict(
            metrics,
            job=self.job,
            command=self.command,
            settings=recorded(self.settings),
            whole_minutes=self.resumed_minutes + (time.monotonic() - self.began) / 60,
        )
        names = [*files]
        if report is not None:
            _add_run(report, found)
            report.write(self.out / REPORT)
            names.append(REPORT)
        for name in set(self.results) - set(names):  # of a run before this one
            (self.out / name).unlink(missing_ok=True)
        with complete_or_absent(self.out / METRICS, overwrite=True) as partial:
            partial.write_text(json.dumps(found, indent=1, allow_nan=False))
        return Finished(
            folder=self.out,
            files=tuple(self.out / name for name in (*names, METRICS)),
            metrics=found,
            text=text,
        )


def check_folder(out: str | Path, *, overwrite: bool = True) -> None:
    """Check at the door, before data are read, that `out` can be the folder of a training.

    Args:
        out: the folder.
        overwrite: whether a finished run in it may be replaced or gone on with.

    Raises:
        OutputError: it is a file, or holds a finished run.
    """
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: expected a folder; it is a file. Choose another --out.")
    if not overwrite and (out / METRICS).exists():
        raise _is_finished(out)


def _add_run(report: Report, found: dict[str, Any]) -> None:
    """The same subtitle, and the same last section, for the report of every job."""
    minutes = found["minutes"]
    report.subtitle = (
        f"tfseis {found['tfseis']}, {found['job']}; {minutes['whole']} minutes, of which "
        f"{minutes['training']} were training; seed {found['seed']}"
    )
    report.section("Run").facts({"command": found["command"], "parameters": found["parameters"]})
    report.facts(found["settings"])


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        return dict(json.loads(path.read_text()))
    except ValueError:
        raise OutputError(
            f"{path}: expected what a training noted of itself; it is damaged. Move its folder "
            "away, or choose another --out."
        ) from None


def _refuse_foreign(training: Path) -> None:
    """Refuse a folder of that name that no training made: it would be removed."""
    if not training.exists() or (training / IDENTITY).exists():
        return
    if training.is_dir() and (not any(training.iterdir()) or any(training.rglob(NOTE))):
        return
    raise OutputError(
        f"{training}: expected the checkpoints of a training; this is something else. Choose "
        "another --out, or move it away."
    )


def _raised(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether some limit is higher than it was; None is no limit."""
    pairs = [(before.get(name), value) for name, value in now.items()]
    return any(old is not None and (new is None or new > old) for old, new in pairs)


def _refuse(out: Path, known: dict[str, Any] | None, mine: dict[str, Any], finished: bool) -> None:
    """Refuse a folder that holds a finished run, or another one."""
    if finished:
        raise _is_finished(out)
    if known is not None:
        apart = _differing(known, mine)
        raise OutputError(
            f"{out}: expected an interrupted run of the same data and settings; it differs in "
            f"{apart}. Give the same to resume it, or --overwrite to start anew."
        )


def _is_finished(out: Path) -> OutputError:
    return OutputError(
        f"{out}: expected a new folder or an interrupted run; it holds a finished run. Choose "
        "another --out, raise a limit to go on with it, or add --overwrite to start anew."
    )


def _differing(known: dict[str, Any], mine: dict[str, Any]) -> str:
    """What differs between two runs: names of settings, with both values."""
    parts = [name for name in ("job", "data") if known.get(name) != mine[name]]
    before, now = known.get("settings", {}), mine["settings"]
    parts += [
        f"{name} ({before.get(name)} before, {now.get(name)} now)"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    return ", ".join(parts)
