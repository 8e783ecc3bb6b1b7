"""The faults of a cube: probability, mask, spread, skeleton, sticks, picture."""

import keras
import numpy as np
import pytest

from tfseis.cli import main
from tfseis.cli.command import parse
from tfseis.data.scaling import survey_scaling
from tfseis.errors import TfseisError
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy, write_segy
from tfseis.io.labels.sticks import read_sticks
from tfseis.jobs.facies.apply import predict
from tfseis.jobs.faults.apply import FaultFiles, faults
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import with_recipe

SHAPE = (23, 21, 30)


def edge_model(gain=6.0, **changes):
    """Says fault where amplitudes change most along crosslines: known, and not symmetric."""
    values = {
        "network": "edge", "crop_size": 16, "window": 16, "overlap": 4, "threshold": 0.5,
        "scaling": {}, "seed": 0, "version": "0",
    }  # fmt: skip
    inputs = keras.Input((None, None, None, 1))
    logits = keras.layers.Conv3D(1, (1, 3, 1), padding="same")(inputs)
    network = keras.Model(inputs, logits)
    kernel = np.array([-1, 0.2, 1], "float32").reshape(1, 3, 1, 1, 1) * gain
    network.set_weights([kernel, np.full(1, -gain, "float32")])
    return with_recipe(network, FaultRecipe(**values | changes))


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


def test_probability_mask_and_headers(model, cube, tmp_path, capsys):
    out, mask = tmp_path / "faults.sgy", tmp_path / "mask.sgy"
    found = faults(cube, out, models=[model], files=FaultFiles(mask=mask), backend="keras")
    wanted = expected(model, cube)
    assert 0.02 < (wanted > 0.5).mean() < 0.3
    np.testing.assert_allclose(written(out)[INSIDE], wanted[INSIDE], atol=1e-5)
    np.testing.assert_array_equal(written(mask), written(out) > 0.5)
    assert written(out)[9, 9].max() == 0
    assert found.share == pytest.approx((written(out) > 0.5).sum() / (written(out) > 0).sum())
    assert 0.3 < found.seams < 3  # faults are few: one across a border weighs much
    printed = capsys.readouterr().out
    for words in ("computed by keras", "seam score", str(survey_scaling(cube)), "% of the samples"):
        assert words in printed
    header = out.read_bytes()
    assert "faults, edge seed 0" in header[:3200].decode("cp037")
    original = cube.path.read_bytes()
    size = 240 + 30 * 4
    for trace in range(0, len(original[3600:]) // size, 50):
        start = 3600 + trace * size
        assert header[start : start + 240] == original[start : start + 240]


def test_a_part_of_the_lines_equals_the_whole(model, cube, tmp_path):
    faults(cube, tmp_path / "a.sgy", models=[model], backend="keras", progress=False)
    faults(
        cube, tmp_path / "b.sgy", models=[model], backend="keras", progress=False, stride=2,
        inlines=(106, 130), crosslines=(303, 318), time=(20, 100),
    )  # fmt: skip
    part = written(tmp_path / "a.sgy")[3:16:2, 3:19:2, 3:24:2]
    np.testing.assert_allclose(written(tmp_path / "b.sgy"), part, atol=1e-6)


def test_symmetries_and_several_models_have_a_spread(model, cube, tmp_path):
    other = edge_model(gain=3.0, window=12)
    files = FaultFiles(spread=tmp_path / "spread.sgy")
    options = {"files": files, "backend": "keras", "progress": False}
    faults(cube, tmp_path / "both.sgy", models=[model, other], **options)
    each = [expected(m, cube) for m in (model, other)]
    both, spread = written(tmp_path / "both.sgy"), written(tmp_path / "spread.sgy")
    np.testing.assert_allclose(both[INSIDE], np.mean(each, 0)[INSIDE], atol=1e-5)
    np.testing.assert_allclose(spread[INSIDE], np.std(each, 0)[INSIDE], atol=1e-5)
    faults(cube, tmp_path / "tta.sgy", models=[model], tta=True, overwrite=True, **options)
    assert not np.allclose(written(tmp_path / "tta.sgy"), each[0], atol=0.1)
    assert written(tmp_path / "spread.sgy").max() > 0.1


def test_skeleton_sticks_and_picture(model, cube, tmp_path, capsys):
    files = FaultFiles(
        skeleton=tmp_path / "thin.sgy", sticks=tmp_path / "faults.dat",
        picture=tmp_path / "faults.png", smallest=100,
    )  # fmt: skip
    faults(cube, tmp_path / "f.sgy", models=[model], files=files, backend="keras")
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
    assert (
        f"1 faults of at least 100 samples, {len(sticks.nodes)} sticks" in capsys.readouterr().out
    )


def test_predict_takes_fault_models_too(model, cube, tmp_path):
    mask = tmp_path / "m.sgy"
    used = predict(model, cube, tmp_path / "a.sgy", mask=mask, progress=False)
    assert used == survey_scaling(cube)
    faults(cube, tmp_path / "b.sgy", models=[model], progress=False)
    np.testing.assert_allclose(written(tmp_path / "a.sgy"), written(tmp_path / "b.sgy"), atol=1e-5)
    np.testing.assert_array_equal(written(mask), written(tmp_path / "a.sgy") > 0.5)


def test_the_statistics_of_the_training_data_are_used_if_asked_for(cube, tmp_path):
    other = edge_model(scaling={"centre": 90.0, "spread": 7.0})
    found = faults(
        cube, tmp_path / "a.sgy", models=[other], scaling="model", backend="keras", progress=False
    )
    assert found.scaling.as_dict() == {"centre": 90.0, "spread": 7.0}


def test_the_command(model, cube, tmp_path, capsys):
    model.save(tmp_path / "m.keras")
    out = tmp_path / "out.sgy"
    words = ["faults", str(cube.path), str(out), "--model", str(tmp_path / "m.keras")]
    words += ["--backend", "keras", "--overlap", "6", "--threshold", "0.4"]
    words += ["--sticks", str(tmp_path / "s.txt"), "--form", "opendtect", "--smallest", "50"]
    assert main([*words, "--inlines", "104:120"]) == 0
    assert written(out).shape == (9, 21, 30)
    assert len((tmp_path / "s.txt").read_text().split("\n")[0].split("\t")) == 6
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
        ({"files": {"smallest": 0}}, "at least 1 sample; got 0"),
        ({"files": {"spread": "s.sgy"}}, r"several answers for a spread; .*Add --tta"),
        ({"files": {"mask": "faults.sgy"}}, "a file of its own for each result"),
        ({"files": {"sticks": "s", "form": "petrel"}}, "charisma or opendtect; got 'petrel'"),
        ({"inlines": (900, 950)}, "range of inlines"),
    ],
)
def test_refusals_leave_nothing_behind(model, cube, tmp_path, options, message):
    given = dict(options)
    if "files" in given:
        inside = {"mask", "spread", "sticks"}
        files = {k: tmp_path / v if k in inside else v for k, v in given["files"].items()}
        given["files"] = FaultFiles(**files)
    with pytest.raises(TfseisError, match=message):
        faults(cube, tmp_path / "faults.sgy", models=[model], progress=False, **given)
    assert [path.name for path in tmp_path.iterdir()] == ["cube.sgy"]


def test_without_coordinates_sticks_are_opendtects(model, tmp_path, cube):
    plain = Geometry(*cube.geometry.axes)
    write_segy(tmp_path / "plain.sgy", cube[:], plain)
    with open_segy(tmp_path / "plain.sgy") as other:
        assert other.geometry.affine is None
        files = FaultFiles(sticks=tmp_path / "s.txt", form="charisma")
        with pytest.raises(TfseisError, match="Charisma sticks; the cube has none"):
            faults(other, tmp_path / "f.sgy", models=[model], files=files, progress=False)
        files = FaultFiles(sticks=tmp_path / "s.txt")
        faults(other, tmp_path / "f.sgy", models=[model], files=files, progress=False)
    assert "INLINE" not in (tmp_path / "s.txt").read_text()


def test_commands_of_two_words():
    """`faults train` is a command of its own; a cube may not be called that without a folder."""
    assert parse(["faults", "train", "cubes", "--out", "run"]).folder == "cubes"
    found = parse(["faults", "cube.sgy", "train", "--smallest", "5"])
    assert (found.cube, found.out, found.smallest) == ("cube.sgy", "train", 5)
