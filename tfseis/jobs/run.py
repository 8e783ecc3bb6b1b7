"""The folder of a training: begun, resumed, finished by one rule for all jobs."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfseis.errors import OutputError
from tfseis.io.output import (
    check_output_folder,
    check_outputs,
    complete_or_absent,
)
from tfseis.io.partial import check_unwritten, partial_path, remove
from tfseis.jobs.checkpoint_folder import (
    IDENTITY,
    RESULTS,
    claimed,
    is_broken,
    read_note,
    refuse_foreign,
    refuse_read,
    start_checkpoints,
)
from tfseis.jobs.contract import Finished, recorded
from tfseis.jobs.metrics import Metrics, metrics_dict
from tfseis.jobs.run_note import Identity, differing, raised_limits, run_note, same_run
from tfseis.learning.fitting import trained_minutes
from tfseis.view import Report

METRICS, REPORT = "metrics.json", "report.html"
TRAINING, NEW = "training", "training.new"
OVERWRITE = "overwrite"


@dataclass(frozen=True)
class RunFolder:
    """Where a training keeps its checkpoints and puts its results.

    One rule holds for all jobs. A folder with ``metrics.json`` holds a finished run, and that run
    stays as it is until another one has finished: the new run keeps its checkpoints in
    ``training.new/`` and its results aside; `finish` then puts both in the place of the old ones.
    Beside no finished run the checkpoints lie in ``training/`` from the start.

    The same data and settings resume an unfinished run; with an `overwrite` that it was begun
    without, it starts anew. One of other data or settings is refused, unless `overwrite` replaces
    it. A finished run is refused, unless `overwrite` starts a new one, or some of its limits
    (minutes, epochs) were raised, none was lowered and all else is the same: then a copy of it
    goes on.

    Attributes:
        folder: the folder.
        out: where results are written until `finish` moves them into `folder`.
        training: for checkpoints and logs.
        job: name of the job.
        settings: settings of the training.
        command: what was run, for the record.
        began: when it began, by `time.monotonic`.
        resumed_minutes: minutes of training by commands that were interrupted.
        results: names of the files that may be written, besides metrics.json.
        folders: names of the folders that may be written, with patterns of what they hold.
    """

    folder: Path
    out: Path
    training: Path
    job: str
    settings: Any
    command: str
    began: float
    resumed_minutes: float
    results: tuple[str, ...] = ()
    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        out: str | Path,
        *,
        job: str,
        settings: Any,
        identity: Identity,
        results: Sequence[str],
        folders: Mapping[str, Sequence[str]] | None = None,
        limits: Mapping[str, float | None] | None = None,
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
            identity: tells this data from other data: a text with names and digests, or such
                texts by what they are of, and there by name, so that a refusal can say what
                differs.
            results: names of the files that are written into `out`, besides metrics.json.
            folders: names of folders that are written into `out`, each with patterns of the names
                that it holds, such as ``{"masks": ["*.png"]}``; one that holds anything else is
                somebody else's and stays.
            limits: settings that may be raised to go on with the same run, with the numbers that
                they amount to; None is no limit.
            inputs: files that are read, which must stay.
            overwrite: replace what is there, once there is something to replace it; an unfinished
                run that was begun with it is resumed.
            command: for the record; the words of this process if empty.
            began: `time.monotonic` when the work began; now if None.

        Raises:
            OutputError: `out` is a file, holds a finished run, or an unfinished one of other data
                or settings; or a result exists or would replace an input.
        """
        out, folders = Path(out), folders or {}
        check_folder(out)
        mine = run_note(job, identity, settings, limits or {}, [*results, *folders])
        mine[OVERWRITE] = overwrite
        finished = (out / METRICS).exists()
        work = out / (NEW if finished or (out / NEW).exists() else TRAINING)
        for place in {out / TRAINING, work}:
            refuse_foreign(place)
        unfinished = read_note(work / IDENTITY, overwrite=overwrite)
        whole = read_note(out / TRAINING / IDENTITY, overwrite=overwrite)
        resumed = same_run(unfinished, mine)
        if resumed and overwrite:  # the same command goes on, one that newly says it does not
            resumed = bool((unfinished or {}).get(OVERWRITE, True)) and not is_broken(work)
        further = (
            finished and not overwrite and same_run(whole, mine) and raised_limits(whole, mine)
        )
        if not (resumed or overwrite):
            _refuse(out, unfinished, mine, finished=finished and not further)
        known = resumed or further or overwrite
        out.mkdir(parents=True, exist_ok=True)
        check_outputs([out / name for name in (*results, METRICS)], inputs, known)
        for place in {out / TRAINING, work}:
            refuse_read(place, inputs)
        ours = known and (finished or unfinished is not None)
        for name, patterns in folders.items():
            check_output_folder(out / name, patterns, ours, inputs)
        results_here = claimed(out)
        if not resumed:
            start_checkpoints(work, out / TRAINING if further else None)
        with complete_or_absent(work / IDENTITY, overwrite=True) as partial:
            partial.write_text(json.dumps(mine, indent=1))
        return cls(
            folder=out,
            out=results_here,
            training=work,
            job=job,
            settings=settings,
            command=command or " ".join(sys.argv),
            began=time.monotonic() if began is None else began,
            resumed_minutes=trained_minutes(work),
            results=tuple(results),
            folders=folders,
        )

    def finish(
        self, metrics: Metrics, text: str, files: Sequence[str], report: Report | None = None
    ) -> Finished:
        """Write the report, put all results in their place and, last, write metrics.json.

        Args:
            metrics: what the job records.
            text: the scores in a few lines, for people.
            files: names of the results that were written into `out`.
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
            names = [*(name for name in names if name != REPORT), REPORT]
        for name, patterns in self.folders.items():
            check_output_folder(self.folder / name, patterns, overwrite=True)
        self._replace(names)
        with complete_or_absent(self.folder / METRICS, overwrite=True) as partial:
            partial.write_text(json.dumps(found, indent=1, allow_nan=False))
        return Finished(
            folder=self.folder,
            files=tuple(self.folder / name for name in (*names, METRICS)),
            metrics=found,
            text=f"{metrics.verdict.text}\n{text}",
        )

    def _replace(self, names: Sequence[str]) -> None:
        """Put checkpoints and results in the place of those of a run before this one.

        Without its metrics.json a folder counts as unfinished; so the same command completes it
        if it was interrupted here.
        """
        place = self.folder / TRAINING
        before = read_note(place / IDENTITY, overwrite=True) or {}
        (self.folder / METRICS).unlink(missing_ok=True)
        for name in {*self.results, *self.folders, *before.get("results", ())} - {*names}:
            remove(self.folder / name)
        _move(self.training, place)
        for name in names:
            _move(self.out / name, self.folder / name)
        remove(self.out)


def check_folder(out: str | Path, *, overwrite: bool = True) -> None:
    """Check at the door, before data are read, that `out` can be the folder of a training.

    Args:
        out: the folder.
        overwrite: whether a finished run in it may be replaced or gone on with.

    Raises:
        OutputError: it is a file, or holds a finished run; or another process writes into it.
    """
    out = Path(out)
    check_unwritten(out / RESULTS)
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: expected a folder; it is a file. Choose another --out.")
    if not overwrite and (out / METRICS).exists() and not (out / NEW).exists():
        raise _is_finished(out)


def _add_run(report: Report, found: dict[str, Any]) -> None:
    """The same subtitle, and the same last section, for the report of every job."""
    minutes, report.lead = found["minutes"], found["verdict"]["text"]
    report.subtitle = (
        f"tfseis {found['tfseis']}, {found['job']}; {minutes['whole']} minutes, of which "
        f"{minutes['training']} were training; seed {found['seed']}"
    )
    report.section("Run").facts({"command": found["command"], "parameters": found["parameters"]})
    report.facts(found["settings"])


def _refuse(
    out: Path, unfinished: dict[str, Any] | None, mine: dict[str, Any], *, finished: bool
) -> None:
    """Refuse a folder that holds a finished run, or an unfinished one of something else."""
    if finished:
        raise _is_finished(out)
    if unfinished is not None:
        raise OutputError(
            f"{out}: expected an interrupted run of the same data and settings; it differs in "
            f"{differing(unfinished, mine)}. Give the same to resume it, or --overwrite to start "
            "anew."
        )


def _move(new: Path, place: Path) -> None:
    """Put a file or a folder in the place of another one."""
    if new == place:
        return
    if not place.is_dir():
        new.replace(place)
        return
    old = partial_path(place)
    place.replace(old)
    new.replace(place)
    remove(old)


def _is_finished(out: Path) -> OutputError:
    return OutputError(
        f"{out}: expected a new folder or an interrupted run; it holds a finished run. Choose "
        "another --out, raise a limit to go on with it, or add --overwrite to start anew."
    )
