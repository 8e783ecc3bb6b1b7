"""Weights of 8 bits, and nearly the same answers."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.errors import MissingPackageError, ModelError, OutputError
from tfseis.inference import openvino_models
from tfseis.inference.model_note import note_of, read_note
from tfseis.inference.quantization import quantization_loss, quantized, write_openvino
from tfseis.io import open_segy
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.contract import JOBS
from tfseis.jobs.faults.export import examples
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.models import light_unet, micro, unet3d, with_recipe

RECIPE = FaultRecipe(
    network="unet3d",
    crop_size=16,
    window=16,
    overlap=6,
    threshold=0.5,
    scaling={},
    seed=0,
    version="0",
)


@pytest.fixture(scope="module")
def model():
    network = unet3d(filters=(4, 6))
    rng = np.random.default_rng(1)
    network.set_weights([rng.normal(0, 0.25, w.shape) for w in network.get_weights()])
    return with_recipe(network, RECIPE)


def test_weights_are_int8_and_answers_are_near(model, tmp_path):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    import openvino

    plain, small = tmp_path / "float.xml", tmp_path / "int8.xml"
    write_openvino(model, plain)
    quantized(model, small, count=4)
    operations = openvino.Core().read_model(small).get_ordered_ops()
    weights = [
        o
        for o in operations
        if o.get_type_name() == "Constant" and len(o.shape) == 5 and o.shape[2] == 3
    ]
    assert len(weights) == 6  # of 3 x 3 x 3
    assert {o.get_element_type() for o in weights} == {openvino.Type.i8}
    assert small.with_suffix(".bin").stat().st_size < plain.with_suffix(".bin").stat().st_size / 2
    keras, whole, bits = FaultModel(model, "keras"), FaultModel(plain), FaultModel(small)
    assert whole.recipe == bits.recipe == RECIPE
    assert (bits.multiple, bits.overlap, bits.runtime.backend) == (2, 6, "openvino")
    for amplitude, _ in examples.make(replace(RECIPE, window=20), 2, 50):
        expected = keras(amplitude[..., 0])
        assert np.ptp(expected) > 0.3
        np.testing.assert_allclose(whole(amplitude[..., 0]), expected, atol=1e-5)
        apart = np.abs(bits(amplitude[..., 0]) - expected)
        assert 0 < apart.mean() < 0.03
    found = quantization_loss(model, small, count=2)
    assert abs(found.iou - found.quantized_iou) < 0.02
    assert "in int8" in found.text()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "float.bin",
        "float.xml",
        "int8.bin",
        "int8.xml",
    ]


def test_calibration_cubes_are_scaled_and_of_every_generator():
    made = list(examples.make(RECIPE, 4, 0))
    for number, ((cube, faults), generator) in enumerate(
        zip(made, SURVEY_GENERATORS.values(), strict=False)
    ):
        np.testing.assert_array_equal(faults, generator((16, 16, 16), seed=number).faults)
        assert cube.shape == (1, 16, 16, 16, 1)
        low, high = np.quantile(cube, [0.05, 0.95])
        assert high - low == pytest.approx(3.2897, rel=0.03)  # scaled by every fifth sample
    assert len(made) == 4


def test_refusals(model, tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="a model with a recipe, as `tfseis JOB train` saves it"):
        write_openvino(unet3d(filters=(2, 2)), tmp_path / "b.xml")
    find = openvino_models.find_spec
    monkeypatch.setattr(
        openvino_models, "find_spec", lambda name: None if name == "nncf" else find(name)
    )
    with pytest.raises(MissingPackageError, match=r"'nncf'.*pip install 'tfseis\[int8\]'"):
        quantized(model, tmp_path / "b.xml")
    monkeypatch.undo()
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    with pytest.raises(OutputError, match=r"a\.bin: expected no file there"):
        quantized(model, tmp_path / "a.xml")
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_the_command(model, survey, tmp_path, capsys):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    model.save(tmp_path / "m.keras")
    words = ["export", str(tmp_path / "m.keras"), str(tmp_path / "m.xml")]
    assert main(words) == 0
    assert "m.xml: takes scaled amplitudes" in capsys.readouterr().out
    assert main(words) == 1
    assert "one exists" in capsys.readouterr().err
    apply = ["apply", str(survey), str(tmp_path / "a.sgy"), "--model", str(tmp_path / "m.xml")]
    assert main(apply) == 0
    assert "computed by openvino" in capsys.readouterr().out
    with open_segy(survey) as cube, open_segy(tmp_path / "a.sgy") as result:
        scaled = survey_scaling(cube).apply(cube[:], np.True_)
        padded = np.pad(scaled, ((4, 5), (4, 4), (0, 1)), mode="symmetric")  # few lines: a slab
        expected = FaultModel(model, "keras")(padded[np.newaxis])[0, 4:11, 4:12, :9, 0]
        np.testing.assert_allclose(result[:], expected, atol=1e-4)
    capsys.readouterr()
    assert main([*words[:2], str(tmp_path / "m"), "--int8"]) == 1
    assert "expected a file NAME.xml" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_says_what_8_bits_cost(model, tmp_path, capsys):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    model.save(tmp_path / "m.keras")
    assert main(["export", str(tmp_path / "m.keras"), str(tmp_path / "m.xml"), "--int8"]) == 0
    assert "in int8; " in capsys.readouterr().out


def test_a_borehole_model_in_8_bits_is_not_taken_for_one_of_faults(tmp_path, capsys):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    recipe = BoreholeRecipe(
        network="micro", padding="azimuth", columns=36, threshold=0.5, seed=0, version="0"
    )
    with_recipe(micro((None, 36, 1), width=2), recipe).save(tmp_path / "m.keras")
    assert main(["export", str(tmp_path / "m.keras"), str(tmp_path / "m.xml"), "--int8"]) == 0
    assert "m.xml: IoU on synthetic data" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"m\.xml: expected .* of faults; got one of boreholes"):
        FaultModel(tmp_path / "m.xml")
    note = read_note(tmp_path / "m.xml")
    assert (note.recipe, note.multiple, note.overlap) == (recipe, 4, 0)


def test_a_note_says_what_the_layers_say(model):
    """One pooling: multiples of 2; of a measured overlap half a window at most is kept."""
    assert (note_of(model).multiple, note_of(model).overlap) == (2, 6)
    measured = note_of(with_recipe(model, replace(RECIPE, overlap=0)))
    assert measured.overlap in {2, 4, 6, 8}
    assert json.loads(measured.text())["recipe"] == asdict(measured.recipe)


def test_notes_of_the_first_version_are_read(model, tmp_path):
    """It kept them under a key of each job, and its recipes knew no schema."""
    openvino = pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    write_openvino(model, tmp_path / "new.xml")
    old = openvino.Core().read_model(tmp_path / "new.xml")
    recipe = {
        "network": "unet3d",
        "crop_size": 16,
        "window": 16,
        "overlap": 6,
        "threshold": 0.5,
        "scaling": {},
        "seed": 0,
        "version": "0.1.0",
        "job": "faults",
    }
    told = {"recipe": recipe, "multiple": 2, "overlap": 6}
    for key, found in (("tfseis", "none"), ("tfseis_faults", json.dumps(told))):
        old.set_rt_info(found, key)
    del old.rt_info["tfseis"]
    openvino.save_model(old, tmp_path / "old.xml", compress_to_fp16=False)
    assert FaultModel(tmp_path / "old.xml").overlap == 6
    assert read_note(tmp_path / "old.xml").recipe == replace(RECIPE, version="0.1.0")
    with pytest.raises(
        ModelError, match=r"none\.xml: expected an OpenVINO model that tfseis wrote"
    ):
        read_note(tmp_path / "none.xml")


def test_a_job_without_examples_has_no_8_bits(tmp_path):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    job = next(name for name in JOBS if JOBS[name].examples is None)
    with pytest.raises(ModelError, match=f"a job with examples; '{job}' has none"):
        JOBS[job].part("examples")


def test_the_usual_salt_network_is_quantised(tmp_path):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    recipe = SaltRecipe(
        network="light",
        size=32,
        preparation="pad",
        image_size=21,
        channels=("image", "depth"),
        threshold=0.4,
        smallest=0,
        seed=0,
        version="0",
    )
    salt = with_recipe(light_unet((None, None, 2), filters=(4, 6, 8)), recipe)
    quantized(salt, tmp_path / "salt.xml", count=4)
    assert read_note(tmp_path / "salt.xml").recipe == recipe
    assert 0 <= quantization_loss(salt, tmp_path / "salt.xml", count=2).quantized_iou <= 1
    made = list(JOBS["salt"].part("examples").make(recipe, 3, 0))
    assert [(image.shape, mask.shape) for image, mask in made] == [((1, 32, 32, 2), (32, 32))] * 3
    assert [mask.any() for _, mask in made] == [False, True, True]
