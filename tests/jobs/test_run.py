"""One rule for the folder of every training."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tfseis.errors import FormatError, OutputError
from tfseis.jobs import run as run_module
from tfseis.jobs.metrics import Metrics, SplitScore, Verdict, check_metrics
from tfseis.jobs.run import RunFolder, check_folder
from tfseis.view import Report


@dataclass(frozen=True)
class Settings:
    epochs: int = 2
    minutes: float | None = None
    rate: float = 0.1
    seed: int = 7


SCORE = SplitScore(split="held out", network={"iou": float("nan")}, baselines={"none": {"iou": 0}})
METRICS = Metrics(
    data={"files": ("a",)},
    parameters=3,
    scores=[SCORE],
    epochs=[2],
    training_minutes=1.5,
    verdict=Verdict(rank="unknown", text="Nobody knows."),
)


def begin(out, settings=Settings(), identity="data", **options):
    limits = {"epochs": settings.epochs, "minutes": settings.minutes}
    options = {"results": ["model.keras"], "limits": limits, **options}
    return RunFolder.begin(out, job="sixth", settings=settings, identity=identity, **options)


def train(run):
    """Leave a checkpoint and a history, as the engine does."""
    (run.training / "all").mkdir(exist_ok=True)
    (run.training / "all" / "history.csv").write_text("epoch,loss,minutes\n0,1,0.5\n1,1,2\n")


def finish(run, weights="weights"):
    (run.out / "model.keras").write_text(weights)
    return run.finish(METRICS, "good", ["model.keras"], Report("Title").section("Scores"))


def contents(folder):
    """What a folder holds, but for what a run noted of its start."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_finished_run_has_all_results_and_one_schema(tmp_path):
    run = begin(tmp_path / "out", began=time.monotonic() - 60)
    found = finish(run)
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written == found.metrics
    check_metrics(written)
    assert written["scores"][0]["network"] == {"iou": None}
    assert written["seed"] == 7
    assert written["minutes"] == {"training": 1.5, "whole": pytest.approx(1.0, abs=0.02)}
    names = [path.name for path in found.files]
    assert names == ["model.keras", "report.html", "metrics.json"]
    assert all(path.exists() for path in found.files)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "1.5 were training; seed 7" in page
    assert "rate" in page


def test_an_interrupted_run_is_resumed_with_the_same_data_and_settings_only(tmp_path):
    run = begin(tmp_path)
    train(run)
    (tmp_path / "model.keras").write_text("left over")
    assert begin(tmp_path).resumed_minutes == 2
    with pytest.raises(OutputError, match=r"differs in data. Give the same to resume it"):
        begin(tmp_path, identity="other")
    with pytest.raises(OutputError, match=r"differs in rate \(0.1 before, 0.2 now\)"):
        begin(tmp_path, replace(Settings(), rate=0.2))
    assert (tmp_path / "training" / "all").exists()
    assert begin(tmp_path, replace(Settings(), rate=0.2), overwrite=True).resumed_minutes == 0
    assert not (tmp_path / "training" / "all").exists()


def test_overwrite_starts_an_interrupted_run_anew_and_the_same_command_goes_on(tmp_path):
    train(begin(tmp_path))
    anew = begin(tmp_path, overwrite=True)  # what was interrupted was begun without it
    assert anew.resumed_minutes == 0
    assert not (anew.training / "all").exists()
    train(anew)
    assert begin(tmp_path, overwrite=True).resumed_minutes == 2
    assert begin(tmp_path).resumed_minutes == 2
    note = tmp_path / "training" / "run.json"
    told = json.loads(note.read_text())
    del told["overwrite"]  # as versions before wrote it
    note.write_text(json.dumps(told))
    assert begin(tmp_path, overwrite=True).resumed_minutes == 2


def test_a_finished_run_is_kept_unless_a_limit_rises_or_it_may_be_replaced(tmp_path):
    run = begin(tmp_path)
    train(run)
    finish(run)
    for settings in (Settings(), replace(Settings(), epochs=1), replace(Settings(), rate=0.2)):
        with pytest.raises(OutputError, match=r"holds a finished run. Choose another --out"):
            begin(tmp_path, settings)
        assert (tmp_path / "metrics.json").exists()
    with pytest.raises(OutputError, match="holds a finished run"):
        begin(tmp_path, replace(Settings(), epochs=3), limits={})
    before = contents(tmp_path)
    further = begin(tmp_path, replace(Settings(), epochs=3))
    assert further.resumed_minutes == 2
    assert before.items() <= contents(tmp_path).items()
    finish(further)
    assert json.loads((tmp_path / "training" / "run.json").read_text())["limits"]["epochs"] == 3
    assert begin(tmp_path, overwrite=True).resumed_minutes == 0


def test_folders_and_links_of_a_tracker_among_checkpoints_go_with_them(tmp_path):
    """Weights & Biases keeps a folder with links to the latest run, which moved since."""
    run = begin(tmp_path)
    train(run)
    logs = run.training / "all" / "wandb"
    (logs / "offline-run-1").mkdir(parents=True)
    (logs / "latest-run").symlink_to("offline-run-1")
    (logs / "debug.log").symlink_to(tmp_path / "moved" / "debug.log")
    finish(run)
    further = begin(tmp_path, replace(Settings(), epochs=3))
    assert further.training != tmp_path / "training"
    assert (further.training / "all" / "wandb" / "latest-run").is_symlink()
    finish(further)
    anew = begin(tmp_path, overwrite=True)
    train(anew)
    finish(anew)
    assert {path.name for path in (tmp_path / "training" / "all").iterdir()} == {"history.csv"}


@pytest.mark.parametrize(
    ("before", "now", "goes_on"),
    [
        ({}, {"epochs": 3}, True),
        ({"minutes": 3}, {"minutes": None}, True),
        ({"minutes": 3}, {"minutes": 4, "epochs": 1}, False),
        ({}, {"minutes": 9.0, "epochs": 3}, False),  # there was no limit of minutes
        ({}, {"epochs": 3, "rate": 0.2}, False),
    ],
)
def test_only_raised_limits_go_on(tmp_path, before, now, goes_on):
    run = begin(tmp_path, replace(Settings(), **before))
    train(run)
    finish(run)
    settings = replace(Settings(), **{**before, **now})
    if goes_on:
        assert begin(tmp_path, settings).resumed_minutes == 2
    else:
        with pytest.raises(OutputError, match="holds a finished run"):
            begin(tmp_path, settings)


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "model.keras").write_text("somebody's")
    with pytest.raises(OutputError, match=r"model.keras: expected no file there"):
        begin(tmp_path)
    with pytest.raises(OutputError, match="is the same file"):
        begin(tmp_path, inputs=[tmp_path / "model.keras"], overwrite=True)
    assert (tmp_path / "model.keras").read_text() == "somebody's"
    place = tmp_path / "file"
    place.write_text("")
    for check in (check_folder, begin):
        with pytest.raises(OutputError, match="expected a folder; it is a file"):
            check(place)


def test_the_door_refuses_a_finished_run_before_data_are_read(tmp_path):
    check_folder(tmp_path / "new", overwrite=False)
    finish(begin(tmp_path))
    check_folder(tmp_path)
    with pytest.raises(OutputError, match="holds a finished run"):
        check_folder(tmp_path, overwrite=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": {}}, "expected 'scores', a list; got {}"),
        ({"more": 1}, "got more too. Put what is the job's own into 'details'"),
        ({"schema": 2}, "expected schema 1; got 2"),
        ({"minutes": {"training": 1}}, "expected minutes.whole, a number"),
        ({"scores": [{"split": "a"}]}, r"scores\[0\]: expected 'network'"),
    ],
)
def test_other_layouts_of_metrics_are_refused(tmp_path, change, message):
    found = finish(begin(tmp_path)).metrics
    with pytest.raises(FormatError, match=message):
        check_metrics({**found, **change})


def test_a_folder_of_that_name_that_is_not_ours_stays(tmp_path):
    (tmp_path / "training").mkdir()
    begin(tmp_path)  # an empty one is no loss
    (tmp_path / "other" / "training").mkdir(parents=True)
    (tmp_path / "other" / "training" / "code.py").write_text("")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match=r"training: expected the checkpoints of a training"):
            begin(tmp_path / "other", overwrite=overwrite)
    assert (tmp_path / "other" / "training" / "code.py").exists()
    (tmp_path / "training" / "run.json").write_text("{")
    with pytest.raises(
        OutputError, match=r"run\.json: expected what a training noted.*--overwrite"
    ):
        begin(tmp_path)
    begin(tmp_path, overwrite=True)


def test_results_of_a_run_before_are_not_taken_for_new_ones(tmp_path):
    (tmp_path / "submission.csv").write_text("old")
    run = begin(tmp_path, results=["model.keras", "submission.csv"], overwrite=True)
    done = finish(run)
    assert not (tmp_path / "submission.csv").exists()
    assert tmp_path / "submission.csv" not in done.files


def test_overwrite_starts_anew_even_where_a_limit_was_raised(tmp_path):
    run = begin(tmp_path)
    train(run)
    finish(run)
    assert begin(tmp_path, replace(Settings(), epochs=3), overwrite=True).resumed_minutes == 0


OTHER, THIRD = replace(Settings(), rate=0.2), replace(Settings(), rate=0.3)


def finished(folder):
    """A finished run with a result that later ones may lack, and all its files."""
    run = begin(folder, results=["model.keras", "submission.csv"])
    train(run)
    (run.out / "submission.csv").write_text("old")
    run.finish(METRICS, "", ["submission.csv"])
    return contents(folder)


def test_a_finished_run_stays_until_the_new_one_has_finished(tmp_path):
    before = finished(tmp_path)
    run = begin(tmp_path, OTHER, overwrite=True)
    train(run)
    (run.out / "model.keras").write_text("half")
    assert before.items() <= contents(tmp_path).items()
    check_folder(tmp_path, overwrite=False)  # the same command resumes what it began
    again = begin(tmp_path, OTHER)
    assert again.resumed_minutes == 2
    assert before.items() <= contents(tmp_path).items()
    done = finish(again, "new")
    after = contents(tmp_path)
    assert set(after) == {
        *(path.name for path in done.files),
        "training/all/history.csv",
        "training/run.json",
    }
    assert after["model.keras"] == b"new"
    assert b"0.2" in after["training/run.json"]


def test_a_third_run_replaces_the_unfinished_one_alone(tmp_path):
    before = finished(tmp_path)
    train(begin(tmp_path, OTHER, overwrite=True))
    with pytest.raises(OutputError, match="holds a finished run"):
        begin(tmp_path, THIRD)
    with pytest.raises(OutputError, match="differs in rate"):  # it would go on, but for the other
        begin(tmp_path, replace(Settings(), epochs=9))
    third = begin(tmp_path, THIRD, overwrite=True)
    assert third.resumed_minutes == 0
    assert before.items() <= contents(tmp_path).items()
    train(third)
    finish(third)
    assert b"0.3" in contents(tmp_path)["training/run.json"]
    assert not (tmp_path / "training.new").exists()


@pytest.mark.parametrize("at", ["training", "model.keras", "report.html"])
def test_the_same_command_completes_what_was_interrupted_while_results_were_replaced(
    tmp_path, monkeypatch, at
):
    finished(tmp_path)
    run = begin(tmp_path, OTHER, overwrite=True)
    train(run)
    move = run_module._move

    def interrupted(new, place):
        if place.name == at:
            raise KeyboardInterrupt
        move(new, place)

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "_move", interrupted)
        with pytest.raises(KeyboardInterrupt):
            finish(run, "new")
    assert not (tmp_path / "metrics.json").exists()
    again = begin(tmp_path, OTHER, overwrite=True)
    assert again.resumed_minutes == 2
    finish(again, "new")
    assert (tmp_path / "model.keras").read_text() == "new"
    assert not (tmp_path / "submission.csv").exists()


def test_folders_of_results_are_replaced_and_those_of_others_stay(tmp_path):
    told = {"folders": {"masks": ["*.png"]}}
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "label.png").write_text("somebody's")
    with pytest.raises(OutputError, match="masks: expected no folder there"):
        begin(tmp_path, overwrite=True, **told)
    (tmp_path / "masks").rename(tmp_path / "labels")
    for number in (1, 2):
        run = begin(tmp_path, overwrite=True, **told)
        (run.out / "masks").mkdir()
        (run.out / "masks" / f"{number}.png").write_text("")
        run.finish(METRICS, "", ["masks"])
    assert [path.name for path in (tmp_path / "masks").iterdir()] == ["2.png"]
    with pytest.raises(OutputError, match="is read from it"):
        begin(tmp_path, overwrite=True, inputs=[tmp_path / "masks" / "2.png"], **told)
    (tmp_path / "masks" / "notes.txt").write_text("")
    with pytest.raises(OutputError, match=r"also holds notes\.txt"):
        begin(tmp_path, overwrite=True, **told)


def test_a_broken_checkpoint_is_replaced_where_it_may_be(tmp_path):
    run = begin(tmp_path, overwrite=True)
    train(run)
    state = run.training / "all" / "state.npz"
    np.savez(state, a=np.arange(9))
    assert begin(tmp_path, overwrite=True).resumed_minutes == 2
    state.write_bytes(state.read_bytes()[:100])
    assert begin(tmp_path).resumed_minutes == 2  # the engine says what is wrong with it
    begin(tmp_path, overwrite=True)
    assert not state.exists()
    train(run)
    state.write_bytes(b"PK")
    assert begin(tmp_path, overwrite=True).resumed_minutes == 0
    assert not state.exists()


def test_what_is_read_from_a_folder_of_checkpoints_stays(tmp_path):
    train(begin(tmp_path))
    teacher = tmp_path / "training" / "all" / "history.csv"
    with pytest.raises(OutputError, match=r"training: expected checkpoints .* is read from it"):
        begin(tmp_path, OTHER, inputs=[teacher], overwrite=True)
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(OutputError, match=r"metrics.json: expected a file of its own"):
        begin(tmp_path, inputs=[tmp_path / "metrics.json"], overwrite=True)


def test_a_refusal_says_which_data_differ(tmp_path):
    train(begin(tmp_path, identity={"cube": "a", "labels": "b"}))
    with pytest.raises(OutputError, match=r"it differs in data \(labels\)\."):
        begin(tmp_path, identity={"cube": "a", "labels": "c"})
    assert begin(tmp_path, identity={"cube": "a", "labels": "b"}).resumed_minutes == 2
    images = {f"{number}.png": "a" for number in range(9)}
    before = {"images": images, "masks": images, "depths": "none"}
    train(begin(tmp_path / "images", identity=before))
    changed = images | {"2.png": "b"}
    for now, told in (
        (before | {"images": changed}, r"data \(images 2\.png\)"),
        (
            before | {"masks": {}, "depths": "a"},
            r"masks 0\.png, 1\.png, 2\.png and 6 more; depths\)",
        ),
        ({"images": images | {"new.png": "c"}}, r"data \(images new\.png; masks; depths\)"),
    ):
        with pytest.raises(OutputError, match=told):
            begin(tmp_path / "images", identity=now)
    assert begin(tmp_path / "images", identity=before).resumed_minutes == 2


LIVES = """
import sys
from tests.jobs.test_run import begin
begin(sys.argv[1])
print("begun", flush=True)
sys.stdin.read()
"""


def test_a_folder_belongs_to_the_process_that_trains_in_it(tmp_path):
    command = [sys.executable, "-c", LIVES, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"begun"
        for call in (check_folder, begin):
            with pytest.raises(OutputError, match=f"no other run .* process {other.pid}"):
                call(tmp_path / "out")
        other.kill()
        other.wait()
    begin(tmp_path / "out")  # what the dead process left is no lock


def test_a_process_that_failed_leaves_no_claim(tmp_path):
    """Else a machine that shares the folder takes it for alive."""
    code = (
        "import sys; from pathlib import Path; "
        "from tfseis.jobs.checkpoint_folder import claimed; "
        "place = claimed(Path(sys.argv[1])); assert place.is_dir(); sys.exit('failed')"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    ended = subprocess.run(words, capture_output=True, check=False)
    assert ended.stderr.strip() == b"failed"
    assert not list(tmp_path.iterdir())
