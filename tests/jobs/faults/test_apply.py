"""The faults of a cube: probability, mask, spread, skeleton, sticks, picture."""

import keras
import numpy as np
import pandas as pd
import pytest

from tests.jobs.faults.line_files import edge_model
from tfseis.cli import main
from tfseis.data.scaling import survey_scaling
from tfseis.errors import TfseisError
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy, write_segy
from tfseis.io.array_cube import ArrayCube
from tfseis.io.labels.sticks import read_sticks
from tfseis.jobs.apply import apply
from tfseis.jobs.faults.apply import FaultFiles, apply_faults
from tfseis.jobs.faults.model import FaultModel
from tfseis.models import with_recipe
from tfseis.models.recipe import recipe_of
from tfseis.wording import counted

SHAPE = (23, 21, 30)


@pytest.fixture(scope="module")
def model():
    return edge_model()


@pytest.fixture
def cube(tmp_path):
    """A step in amplitude along a dipping plane; one missing corner, one dead trace."""
    inline, crossline, sample = np.indices(SHAPE)
    amplitude = np.where(crossline < 6 + sample / 3, 100.0, 140.0) + inline / 20
    amplitude[9, 9] = 0
    live = np.ones(SHAPE[:2], bool)
    live[:3, :4] = False
    affine = np.array([[10.0, -7.5, 450_000.0], [7.5, 10.0, 6_780_000.0]])
    axes = Axis("inline", 100, 2, 23), Axis("crossline", 300, 1, 21), Axis("sample", 8, 4, 30)
    write_segy(tmp_path / "cube.sgy", amplitude, Geometry(*axes, affine), live=live)
    return open_segy(tmp_path / "cube.sgy")


def written(path):
    with open_segy(path) as result:
        return result[:]


def expected(model, cube):
    """At once: the network sees one crossline each way, so windows change nothing."""
    values, live = cube.read((slice(None),) * 3)
    scaled = survey_scaling(cube).apply(values, live)
    widened = np.pad(scaled, ((0, 0), (1, 1), (0, 0)), mode="symmetric")
    probability = FaultModel(model, "keras")(widened[np.newaxis])[0, :, 1:-1, :, 0]
    return np.where(live, probability, 0)


INSIDE = (slice(None), slice(1, -1))  # the network pads its windows with zeros at the rim


def test_probability_mask_and_headers(model, cube, tmp_path):
    out, mask = tmp_path / "faults.sgy", tmp_path / "mask.sgy"
    found = apply_faults(model, cube, out, files=FaultFiles(mask=mask), backend="keras")
    wanted = expected(model, cube)
    assert 0.02 < (wanted > 0.5).mean() < 0.3
    np.testing.assert_allclose(written(out)[INSIDE], wanted[INSIDE], atol=1e-5)
    np.testing.assert_array_equal(written(mask), written(out) > 0.5)
    assert written(out)[9, 9].max() == 0
    share = (written(out) > 0.5).sum() / (written(out) > 0).sum()
    assert found.facts["share"] == pytest.approx(share)
    assert 0.3 < found.facts["seams"] < 3  # faults are few: one across a border weighs much
    assert found.facts["scaling"] == survey_scaling(cube).as_dict()
    assert (found.facts["backend"], found.facts["threshold"]) == ("keras", 0.5)
    assert found.files == (out, mask)
    for words in ("computed by keras", "seam score", str(survey_scaling(cube)), "% of the samples"):
        assert words in found.text
    header = out.read_bytes()
    assert "faults, edge seed 0" in header[:3200].decode("cp037")
    original = cube.path.read_bytes()
    size = 240 + 30 * 4
    for trace in range(0, len(original[3600:]) // size, 50):
        start = 3600 + trace * size
        assert header[start : start + 240] == original[start : start + 240]


def test_a_part_of_the_lines_equals_the_whole(model, cube, tmp_path):
    apply_faults(model, cube, tmp_path / "a.sgy", backend="keras", progress=False)
    apply_faults(
        model,
        cube,
        tmp_path / "b.sgy",
        backend="keras",
        progress=False,
        stride=2,
        inlines=(106, 130),
        crosslines=(303, 318),
        time=(20, 100),
    )
    part = written(tmp_path / "a.sgy")[3:16:2, 3:19:2, 3:24:2]
    np.testing.assert_allclose(written(tmp_path / "b.sgy"), part, atol=1e-6)


def test_symmetries_and_several_models_have_a_spread(model, cube, tmp_path):
    other = edge_model(gain=3.0, window=12)
    files = FaultFiles(spread=tmp_path / "spread.sgy")
    options = {"files": files, "backend": "keras", "progress": False}
    apply_faults([model, other], cube, tmp_path / "both.sgy", **options)
    each = [expected(m, cube) for m in (model, other)]
    both, spread = written(tmp_path / "both.sgy"), written(tmp_path / "spread.sgy")
    np.testing.assert_allclose(both[INSIDE], np.mean(each, 0)[INSIDE], atol=1e-5)
    np.testing.assert_allclose(spread[INSIDE], np.std(each, 0)[INSIDE], atol=1e-5)
    apply_faults(model, cube, tmp_path / "tta.sgy", tta=True, overwrite=True, **options)
    assert not np.allclose(written(tmp_path / "tta.sgy"), each[0], atol=0.1)
    assert written(tmp_path / "spread.sgy").max() > 0.1


def rounding_model():
    """Its two layers cancel amplitudes of thousands: bfloat16, of three digits, loses the rest."""
    inputs = keras.Input((None, None, None, 1))
    large = keras.layers.Conv3D(2, 1)
    network = keras.Model(inputs, keras.layers.Conv3D(1, 1)(large(inputs)))
    both = np.array([1000.0, 1001.0]).reshape(1, 1, 1, 1, 2)
    back = np.array([-1.0, 1.0]).reshape(1, 1, 1, 2, 1)
    network.set_weights([both, np.full(2, 3000.0), back, np.zeros(1)])
    return with_recipe(network, recipe_of(edge_model()))


@pytest.mark.parametrize(
    "network, computes", [(edge_model, "bfloat16"), (rounding_model, "float32")]
)
def test_bfloat16_is_taken_where_it_shows_the_same_faults(
    cube, tmp_path, monkeypatch, network, computes
):
    monkeypatch.setattr("tfseis.inference.precision.computes_bfloat16", lambda backend: True)
    monkeypatch.setattr("tfseis.inference.precision.WORTH", 1)
    options = {"backend": "keras", "progress": False}
    exact = apply_faults(network(), cube, tmp_path / "a.sgy", precision="float32", **options)
    found = apply_faults(network(), cube, tmp_path / "b.sgy", **options)
    assert (exact.facts["precision"], exact.facts.get("precision_iou")) == ("float32", None)
    assert found.facts["precision"] == computes
    assert (found.facts["precision_iou"] >= 0.99) == (computes == "bfloat16")
    says = "agrees" if computes == "bfloat16" else "does not agree"
    assert f"computed by keras in {computes} (bfloat16 {says} with float32: IoU" in found.text
    assert computes in (tmp_path / "b.sgy").read_bytes()[:3200].decode("cp037")
    np.testing.assert_allclose(written(tmp_path / "b.sgy"), written(tmp_path / "a.sgy"), atol=1e-6)
    apply_faults(network(), cube, tmp_path / "c.sgy", precision="bfloat16", **options)
    apart = np.abs(written(tmp_path / "c.sgy") - written(tmp_path / "a.sgy")).max()
    assert (apart > 0.1) == (computes == "float32")


def test_skeleton_sticks_and_picture(model, cube, tmp_path):
    files = FaultFiles(
        skeleton=tmp_path / "thin.sgy",
        sticks=tmp_path / "faults.dat",
        picture=tmp_path / "faults.png",
        smallest=100,
    )
    found = apply_faults(model, cube, tmp_path / "f.sgy", files=files, backend="keras")
    thin, probability = written(tmp_path / "thin.sgy"), written(tmp_path / "f.sgy")
    assert np.unique(thin).tolist() == [0, 1]
    assert (probability[thin > 0] > 0.5).all()
    inline, crossline, sample = np.nonzero(thin)
    apart = np.abs(crossline - (6 + sample / 3))
    assert (apart <= 2).mean() > 0.97  # the dead trace has edges of its own
    assert len(inline) > 400
    sticks = read_sticks(tmp_path / "faults.dat", cube.geometry)
    assert len(sticks.nodes) >= 4
    assert "INLINE- " in (tmp_path / "faults.dat").read_text()
    assert (tmp_path / "faults.png").read_bytes()[:4] == b"\x89PNG"
    assert f"1 fault of at least 100 samples, {counted(len(sticks.nodes), 'stick')}" in found.text
    assert (found.facts["faults"], found.facts["sticks"]) == (1, len(sticks.nodes))


def test_objects_surfaces_and_map(model, cube, tmp_path):
    files = FaultFiles(
        skeleton=tmp_path / "thin.sgy",
        objects=tmp_path / "faults.csv",
        surfaces=tmp_path / "faults.ts",
        map=tmp_path / "map.png",
        smallest=100,
        velocity=2500.0,
    )
    found = apply_faults(model, cube, tmp_path / "f.sgy", files=files, backend="keras")
    assert found.facts["faults"] == 1
    assert set(files.paths) < set(found.files)
    table = pd.read_csv(files.objects)
    assert table["fault"].tolist() == [1]
    # A bin is 12.5 m, 3 samples of 4 ms at 2500 m/s are 15 m.
    assert table["dip_deg"][0] == pytest.approx(np.rad2deg(np.arctan(15 / 12.5)), abs=3)
    assert (written(files.skeleton) == 1).sum() == table["samples"][0]
    assert files.surfaces.read_text().count("\nEND\n") == 1
    assert files.map.read_bytes()[:4] == b"\x89PNG"


def test_a_report_holds_numbers_sections_map_and_table(model, cube, tmp_path):
    files = FaultFiles(report=tmp_path / "report.html", smallest=100)
    options = {"backend": "keras", "progress": False}
    found = apply_faults(model, cube, tmp_path / "f.sgy", files=files, **options)
    assert found.facts["faults"] == 1
    assert files.report in found.files
    text = files.report.read_text()
    assert text.count("data:image/png;base64") == 2
    for words in ("above the threshold", "dip_deg", "1 fault of at least 100 samples"):
        assert words in text
    narrow = FaultFiles(report=tmp_path / "line.html")
    lines = {"inlines": (120, 120)}
    apply_faults(model, cube, tmp_path / "line.sgy", files=narrow, **options, **lines)
    text = narrow.report.read_text()
    assert text.count("data:image/png;base64") == 1  # one line is too narrow for objects
    assert "dip_deg" not in text


@pytest.mark.parametrize("installed", [True, False])
def test_a_scene_is_drawn_where_pyvista_is_installed(model, cube, tmp_path, monkeypatch, installed):
    drawn = []
    monkeypatch.setattr("tfseis.jobs.faults.apply.can_draw", lambda: installed)
    monkeypatch.setattr("tfseis.jobs.faults.surface_files.can_draw", lambda: installed)
    monkeypatch.setattr(
        "tfseis.jobs.faults.fault_scene.draw_scene",
        lambda path, *rest: (drawn.append(rest), path.write_bytes(b"picture")),
    )
    files = FaultFiles(scene=tmp_path / "scene.png", smallest=100)
    options = {"backend": "keras", "progress": False, "time": (20, 124)}
    found = apply_faults(model, cube, tmp_path / "f.sgy", files=files, **options)
    assert files.scene.exists() == installed == (files.scene in found.files)
    assert ("scene.png was not drawn: PyVista is not installed" in found.text) != installed
    if installed:
        ((patches, slices, ends),) = drawn
        assert len(patches) == 1
        assert ends == [(100, 144), (300, 320), (20, 124)]
        assert [one.amplitude.shape for one in slices] == [(1, 21, 27), (23, 1, 27), (23, 21, 1)]
        np.testing.assert_array_equal(slices[2].amplitude[..., 0], cube[:, :, 29])


def test_objects_of_a_part_of_the_lines(model, cube, tmp_path):
    files = FaultFiles(objects=tmp_path / "faults.csv", smallest=60)
    options = {"backend": "keras", "progress": False, "inlines": (110, 144), "time": (20, 124)}
    apply_faults(model, cube, tmp_path / "f.sgy", files=files, **options)
    table = pd.read_csv(files.objects)
    assert len(table) >= 1
    assert table["centre_inline"].between(110, 144).all()
    assert table["centre_ms"].between(20, 124).all()


def test_paths_serve_as_well_as_objects(model, cube, tmp_path):
    model.save(tmp_path / "m.keras")
    used = apply(tmp_path / "m.keras", cube.path, tmp_path / "a.sgy", progress=False)
    assert used.facts["scaling"] == survey_scaling(cube).as_dict()
    files = FaultFiles(mask=tmp_path / "m.sgy")
    apply_faults(model, cube, tmp_path / "b.sgy", files=files, progress=False)
    assert (tmp_path / "a.sgy").read_bytes() == (tmp_path / "b.sgy").read_bytes()
    np.testing.assert_array_equal(written(files.mask), written(tmp_path / "a.sgy") > 0.5)


def test_arrays_serve_as_well_as_files(model, cube, tmp_path):
    array = ArrayCube(cube[:], cube.geometry, cube.live, name="faulted")
    names = {"skeleton": "thin.sgy", "sticks": "s.dat", "picture": "p.png"}
    found = []
    for name, source in (("file", cube), ("array", array)):
        (tmp_path / name).mkdir()
        paths = {kind: tmp_path / name / file for kind, file in names.items()}
        files = FaultFiles(**paths, smallest=100)
        out = tmp_path / name / "f.sgy"
        found.append(apply_faults(model, source, out, files=files, backend="keras", progress=False))
    assert found[0].facts == found[1].facts
    for one, two in zip(found[0].files[:2], found[1].files[:2], strict=True):
        np.testing.assert_array_equal(written(one), written(two))
    assert found[0].files[2].read_text() == found[1].files[2].read_text()
    with open_segy(found[1].files[0]) as result:
        assert result.geometry.inlines == cube.geometry.inlines


def test_the_statistics_of_the_training_data_are_used_if_asked_for(cube, tmp_path):
    other = edge_model(scaling={"centre": 90.0, "spread": 7.0})
    found = apply_faults(
        other, cube, tmp_path / "a.sgy", scaling="model", backend="keras", progress=False
    )
    assert found.facts["scaling"] == {"centre": 90.0, "spread": 7.0}


def test_the_command(model, cube, tmp_path, capsys):
    model.save(tmp_path / "m.keras")
    out = tmp_path / "out.sgy"
    words = ["faults", "apply", str(cube.path), str(out), "--model", str(tmp_path / "m.keras")]
    words += ["--backend", "keras", "--precision", "float32", "--overlap", "6"]
    words += ["--threshold", "0.4"]
    words += ["--sticks", str(tmp_path / "s.txt"), "--form", "opendtect", "--smallest", "50"]
    words += ["--objects", str(tmp_path / "o.csv"), "--surfaces", str(tmp_path / "o.ts")]
    words += ["--map", str(tmp_path / "o.png"), "--velocity", "2500"]
    assert main([*words, "--inlines", "104:120"]) == 0
    assert written(out).shape == (9, 21, 30)
    assert len((tmp_path / "s.txt").read_text().split("\n")[0].split("\t")) == 6
    assert "area_m2" in (tmp_path / "o.csv").read_text()
    assert (tmp_path / "o.ts").exists()
    assert (tmp_path / "o.png").exists()
    assert main(words) == 1
    assert "one exists" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


@pytest.mark.parametrize(
    "options, message",
    [
        ({"threshold": 1.5}, r"threshold between 0 and 1; got 1\.5"),
        ({"overlap": 16}, r"overlap between 0 and 15 samples, for windows of 16; got 16"),
        ({"scaling": "model"}, r"scaled one by one\. Use --scaling survey"),
        ({"scaling": "window"}, "scaling survey or model; got 'window'"),
        ({"backend": "onnx"}, "among auto, keras, openvino; got 'onnx'"),
        ({"precision": "half"}, "among auto, float32, bfloat16, int8; got 'half'"),
        ({"precision": "bfloat16", "backend": "keras"}, "computes bfloat16 itself .*; got another"),
        ({"files": {"smallest": 0}}, "at least 1 sample; got 0"),
        ({"files": {"spread": "s.sgy"}}, r"several answers for a spread; .*Add --tta"),
        ({"files": {"mask": "faults.sgy"}}, "a file of its own for each result"),
        ({"files": {"sticks": "s", "form": "petrel"}}, "charisma or opendtect; got 'petrel'"),
        (
            {"files": {"objects": "o.csv"}, "inlines": (110, 110)},
            r"at least 8 inlines.*; got 1 x 21 x 30\. Take more",
        ),
        ({"files": {"velocity": 2.5}}, r"between 300 and 10000 m/s; got 2\.5"),
        ({"files": {"mask": "m.sgy", "objects": "m.sgy"}}, "a file of its own for each result"),
        ({"inlines": (900, 950)}, "range of inlines"),
    ],
)
def test_refusals_leave_nothing_behind(model, cube, tmp_path, options, message):
    given = dict(options)
    if "files" in given:
        inside = {"mask", "spread", "sticks", "objects"}
        files = {k: tmp_path / v if k in inside else v for k, v in given["files"].items()}
        given["files"] = FaultFiles(**files)
    with pytest.raises(TfseisError, match=message):
        apply_faults(model, cube, tmp_path / "faults.sgy", progress=False, **given)
    assert [path.name for path in tmp_path.iterdir()] == ["cube.sgy"]


def test_without_coordinates_sticks_are_opendtects(model, tmp_path, cube):
    plain = Geometry(*cube.geometry.axes)
    write_segy(tmp_path / "plain.sgy", cube[:], plain)
    with open_segy(tmp_path / "plain.sgy") as other:
        assert other.geometry.affine is None
        files = FaultFiles(sticks=tmp_path / "s.txt", form="charisma")
        with pytest.raises(TfseisError, match="Charisma sticks; the cube has none"):
            apply_faults(model, other, tmp_path / "f.sgy", files=files, progress=False)
        files = FaultFiles(sticks=tmp_path / "s.txt")
        apply_faults(model, other, tmp_path / "f.sgy", files=files, progress=False)
    assert "INLINE" not in (tmp_path / "s.txt").read_text()
