"""Cubes of the jobs that fail on the way: what is kept, what is refused, and how they end."""

import os
import resource
import shutil

import numpy as np
import pytest

from tests.jobs.unfinished import CUBES, SHAPE, SMALL, Stop, fail, finished_parts
from tfseis.data.synthetic import facies_survey
from tfseis.errors import OutputError, TfseisError
from tfseis.io import convert_cube, open_cube, publishing, write_segy
from tfseis.io.output import publish
from tfseis.io.partial import partial_path
from tfseis.io.segy import writer
from tfseis.io.unfinished import KEPT, unfinished_file, unfinished_folder

each_job = pytest.mark.parametrize("job", CUBES)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The survey, and by job the files of undisturbed runs."""
    folder = tmp_path_factory.mktemp("whole")
    made = facies_survey(SHAPE, seed=1)
    write_segy(folder / "survey.sgy", made.amplitude, made.geometry)
    with pytest.MonkeyPatch.context() as patch:
        for place, name, value in SMALL:
            patch.setattr(place, name, value)
        survey = folder / "survey.sgy"
        runs = {job: make(survey, folder / f"{job}.sgy") for job, (make, _) in CUBES.items()}
    return survey, runs


@pytest.fixture
def survey(whole, tmp_path, monkeypatch):
    """A copy of the survey, in the working directory; parts are small."""
    for place, name, value in SMALL:
        monkeypatch.setattr(place, name, value)
    KEPT.clear()
    shutil.copy2(whole[0], tmp_path / "survey.sgy")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "survey.sgy"


def stopped(job, survey, out, act=fail, *, error=KeyboardInterrupt):
    """Run a job until three parts are done, then do something that ends it."""
    make, work = CUBES[job]
    with pytest.MonkeyPatch.context() as patch:
        Stop(work, 3, act).install(patch)
        with pytest.raises(error) as caught:
            make(survey, out)
    return caught.value


def assert_same(found, wanted):
    for path, other in zip(found, wanted, strict=True):
        assert path.read_bytes() == other.read_bytes()


def traces_of_work(folder):
    names = (path.name for path in folder.iterdir())
    return [name for name in names if name.startswith(".") or name.endswith(".unfinished")]


@each_job
def test_a_run_goes_on_where_it_ended(job, survey, whole, tmp_path, monkeypatch):
    out = tmp_path / f"{job}.sgy"
    stopped(job, survey, out)
    assert finished_parts(out) == [0, 1, 2]
    again = Stop(CUBES[job][1], -1, None)
    again.install(monkeypatch)
    found = CUBES[job][0](survey, out)
    assert_same(found, whole[1][job])
    assert again.done >= 1
    assert not traces_of_work(tmp_path)


@each_job
def test_results_in_zarr(job, survey, whole, tmp_path):
    out = tmp_path / f"{job}.zarr"
    stopped(job, survey, out)
    assert finished_parts(out) == [0, 1, 2]
    found = CUBES[job][0](survey, out)
    for path, other in zip(found, whole[1][job], strict=True):
        one, two = open_cube(path), open_cube(other)
        assert one.geometry.signature() == two.geometry.signature()
        assert one.stored_dtype == two.stored_dtype.newbyteorder("=")
        np.testing.assert_array_equal(one[...], two[...])
    assert not traces_of_work(tmp_path)
    with pytest.raises(OutputError, match=r"\.zarr: expected no folder there; one exists"):
        CUBES[job][0](survey, out)
    CUBES[job][0](survey, out, overwrite=True)


@pytest.mark.parametrize(
    ("what", "named"),
    [("input", "input"), ("model", "model"), ("threshold", "threshold"), ("range", "part")],
)
def test_what_differs_is_named(what, named, survey, tmp_path):
    out = tmp_path / "faults.sgy"
    stopped("faults", survey, out)
    before = unfinished_file(out).read_bytes()
    if what == "input":
        data = bytearray(survey.read_bytes())
        data[-2] ^= 1
        survey.write_bytes(data)
    options = {"model": {"seed": 1}, "threshold": {"threshold": 0.4}, "range": {"stride": 2}}
    with pytest.raises(OutputError, match=rf"the same [^;]*\b{named}\b.* 3 parts"):
        CUBES["faults"][0](survey, out, **options.get(what, {}))
    assert unfinished_file(out).read_bytes() == before
    assert finished_parts(out) == [0, 1, 2]


@pytest.mark.parametrize(
    ("job", "where"),
    [*(("faults", one) for one in ("sample", "header", "file header")), ("salt", "header")],
)
def test_a_flipped_bit_is_seen(job, where, survey, whole, tmp_path):
    out = tmp_path / f"{job}.sgy"
    stopped(job, survey, out)
    place = unfinished_file(out)
    data = bytearray(place.read_bytes())
    data[{"file header": 3300, "header": 3600 + 100, "sample": 3600 + 240 + 9}[where]] ^= 4
    place.write_bytes(data)
    if where == "file header":
        with pytest.raises(OutputError, match=r"damaged\. Remove that folder to begin anew"):
            CUBES[job][0](survey, out)
        assert place.exists()
        shutil.rmtree(unfinished_folder(out))
    assert_same(CUBES[job][0](survey, out), whole[1][job])


def test_a_second_run_is_refused(survey, whole, tmp_path, monkeypatch):
    out, (make, work) = tmp_path / "faults.sgy", CUBES["faults"]

    def another_run():
        """What a process that lives sees: this one as another."""
        mine = partial_path(out)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: 1)
            with pytest.raises(OutputError, match="expected no other run that writes it"):
                make(survey, out)
        assert mine.exists()

    Stop(work, 3, another_run).install(monkeypatch)
    assert_same(make(survey, out), whole[1]["faults"])


@pytest.mark.parametrize("ending", ["sgy", "zarr"])
def test_an_input_that_vanishes(ending, survey, whole):
    cube = survey.with_suffix(f".{ending}")
    if ending == "zarr":
        convert_cube(survey, cube)
    out, hidden = survey.with_name("faults.sgy"), survey.with_name("hidden")
    error = stopped("faults", cube, out, lambda: cube.rename(hidden), error=OutputError)
    assert str(error).startswith(f"{cube}: expected the input as it was when the run began; it is ")
    assert KEPT
    assert finished_parts(out) == [0, 1, 2]
    hidden.rename(cube)
    found = CUBES["faults"][0](cube, out)
    if ending == "sgy":
        assert_same(found, whole[1]["faults"])


def test_an_input_that_is_cut_off(survey, whole):
    out, kept = survey.with_name("faults.sgy"), shutil.copy2(survey, survey.with_name("kept"))
    error = stopped("faults", survey, out, lambda: os.truncate(survey, 9000), error=Exception)
    assert isinstance(error, (OSError, TfseisError))
    assert finished_parts(out) == [0, 1, 2]
    shutil.copy2(kept, survey)
    assert_same(CUBES["faults"][0](survey, out), whole[1]["faults"])


@pytest.mark.parametrize(
    ("job", "ending", "room"),
    [
        ("faults", "sgy", 4096),
        ("faults", "sgy", 40_000),
        ("salt", "sgy", 4096),
        ("facies", "zarr", 99),
    ],
)
def test_a_disk_that_fills_up(job, ending, room, survey, whole):
    out = survey.with_name(f"{job}.{ending}")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        error = stopped(
            job,
            survey,
            out,
            lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1])),
            error=OutputError,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"{job}.{ending}: expected room on the disk for it; got: File too large." in str(error)
    assert KEPT
    assert finished_parts(out)[:3] == [0, 1, 2]
    found = CUBES[job][0](survey, out)
    for path, other in zip(found, whole[1][job], strict=True):
        np.testing.assert_array_equal(open_cube(path)[...], open_cube(other)[...])
    if ending == "sgy":
        assert_same(found, whole[1][job])


@pytest.mark.parametrize(
    ("job", "published"), [*(("faults", n) for n in range(3)), ("facies", 1), ("salt", 1)]
)
def test_an_end_between_the_final_names(job, published, survey, whole, monkeypatch):
    tmp_path, (make, work), moves = survey.parent, CUBES[job], []
    out = tmp_path / f"{job}.sgy"

    def end_instead(*given):
        moves.append(given)
        if len(moves) > published:
            raise KeyboardInterrupt
        publish(*given)
        if len(moves) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, "publish", end_instead)
        with pytest.raises(KeyboardInterrupt):
            make(survey, out)
    names = [path for path in whole[1][job] if (tmp_path / path.name).exists()]
    assert len(names) == published
    again = Stop(work, 0, lambda: pytest.fail("a part is done again"))
    with monkeypatch.context() as patch:
        again.install(patch)
        found = make(survey, out)
    assert_same(found, whole[1][job])
    assert not traces_of_work(tmp_path)
    with pytest.raises(OutputError, match="expected no file there; one exists"):
        make(survey, out)


@pytest.mark.parametrize("written", [0, 1])
def test_an_end_before_all_files_of_the_results_are_written(written, survey, whole, monkeypatch):
    out, (make, work) = survey.with_name("faults.sgy"), CUBES["faults"]
    more = {"skeleton": survey.with_name("thin.sgy"), "picture": survey.with_name("a.png")}
    first = survey.with_name("undisturbed")
    first.mkdir()
    make(survey, first / out.name, skeleton=first / "thin.sgy", picture=first / "a.png")
    names = ["write_surfaces", "write_picture"]
    with monkeypatch.context() as patch:
        patch.setattr(f"tfseis.jobs.faults.apply.{names[written]}", lambda *_, **__: fail())
        with pytest.raises(KeyboardInterrupt):
            make(survey, out, **more)
    assert [path.exists() for path in more.values()] == [written == 1, False]
    assert "faults.sgy is finished; the same command goes on with what is made of it" in KEPT[0]
    with monkeypatch.context() as patch:
        Stop(work, 0, lambda: pytest.fail("a part is done again")).install(patch)
        found = make(survey, out, **more)
    assert_same([*found, *more.values()], [first / path.name for path in (*found, *more.values())])
    assert not traces_of_work(survey.parent)
    with pytest.raises(OutputError, match="expected no file there; one exists"):
        make(survey, out, **more)


def test_a_file_of_somebody_else_is_not_taken_for_a_published_one(tmp_path):
    out = tmp_path / "a.sgy"
    unfinished_file(out).write_bytes(b"result")
    publishing.mark_published([out])
    unfinished_file(out).rename(out)
    assert publishing.is_being_published(out)
    out.unlink()
    assert not publishing.is_being_published(out)
    (tmp_path / "other").write_bytes(b"precious")
    (tmp_path / "other").rename(out)
    assert not publishing.is_being_published(out)
    publishing.take_back([out])
    assert [path.name for path in tmp_path.iterdir()] == ["a.sgy"]
