from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from tfseis.cli import main
from tfseis.io import write_cube
from tfseis.jobs.faults.table import fault_table
from tfseis.models import recipe_of, unet3d
from tfseis.models.pretrained import pretrained
from tfseis.models.recipe import with_recipe

SIDE = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three cubes whose amplitude is high on their faults; of the last, half is unknown."""
    place = tmp_path_factory.mktemp("cubes")
    rng = np.random.default_rng(0)
    for name in ("seis", "fault"):
        (place / name).mkdir()
    for number, endian in enumerate(("little", "big", "little")):
        faults = (rng.random((SIDE, SIDE, SIDE)) < 0.3).astype("float32")
        write_cube(place / "seis" / f"{number}.dat", faults + 5, endian=endian)
        if number == 2:
            faults[: SIDE // 2] = -1
        write_cube(place / "fault" / f"{number}.dat", faults, endian=endian)
    write_cube(place / "seis" / "9.dat", np.zeros((4, 4, 4)))  # without labels
    return place


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    place = tmp_path_factory.mktemp("models")
    inputs = keras.Input((None, None, None, 1))
    keras.Model(inputs, inputs * 100 - 1).save(place / "knows.keras")  # the median scales to 0
    (place / "run").mkdir()
    two = keras.layers.Concatenate()([inputs * 100, inputs * 0])
    keras.Model(inputs, two).save(place / "run" / "model.keras")  # calls all else a fault
    return [place / "knows.keras", place / "run" / "model.keras"]


def test_files_by_models(folder, models, tmp_path, capsys):
    out = tmp_path / "table"
    words = ["faults", "table", str(folder), "--model", *map(str, models), "--out", str(out)]
    assert main(words) == 0
    table = pd.read_csv(f"{out}.csv")
    assert list(table["file"]) == ["0", "1", "2", "mean"]
    assert list(table.columns) == ["file", "knows", "run", "low semblance"]
    assert (table["run"] < 0.55).all()
    known = table["knows"]
    assert known.iloc[-1] == pytest.approx(known.iloc[:-1].mean())
    text = (tmp_path / "table.md").read_text()
    assert text == capsys.readouterr().out
    assert f"| mean | {known.iloc[-1]:.3f} |" in text
    with pytest.raises(ValueError, match=r"table\.md: expected no file there"):
        fault_table(folder, models, out=out, progress=False)


def test_unknown_samples_are_not_counted(folder, models):
    known = fault_table(folder, models[:1], progress=False)["knows"]
    np.testing.assert_allclose(known, 1.0)


def test_each_model_is_scored_at_its_own_threshold(folder, tmp_path):
    inputs = keras.Input((None, None, None, 1))
    network = keras.Model(inputs, inputs * 10 + 1)  # 0.73 away from faults
    recipe = replace(recipe_of(pretrained("faults")), threshold=0.9)
    with_recipe(network, recipe).save(tmp_path / "strict.keras")
    network.save(tmp_path / "plain.keras")
    paths = [tmp_path / "plain.keras", tmp_path / "strict.keras"]
    table = fault_table(folder, paths, progress=False)
    assert (table["plain"] < 0.4).all()  # everything is a fault
    np.testing.assert_allclose(table["strict"], 1.0)


def test_refusals(folder, models, tmp_path):
    with pytest.raises(ValueError, match=r"different names; got 'knows' twice\. Rename"):
        fault_table(folder, [models[0], models[0]], progress=False)
    unet3d((8, 8, 8, 1), classes=3, filters=(2, 2)).save(tmp_path / "three.keras")
    with pytest.raises(ValueError, match=r"one or two logits .* got an output of .*3\)"):
        fault_table(folder, [tmp_path / "three.keras"], progress=False)
    (tmp_path / "seis").mkdir()
    write_cube(tmp_path / "seis" / "0.dat", np.zeros((4, 4, 4)))
    with pytest.raises(ValueError, match="labels in fault/"):
        fault_table(tmp_path, models, progress=False)
