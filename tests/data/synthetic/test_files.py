import numpy as np
import pytest

from tfseis.cli import main
from tfseis.cli.synthetic import GENERATORS
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.io import open_segy, read_horizon, read_legend


def test_the_command_knows_every_generator():
    assert set(GENERATORS) == set(SURVEY_GENERATORS)


@pytest.mark.parametrize("generator", GENERATORS)
def test_files_hold_the_survey_and_its_truths(tmp_path, capsys, generator):
    out = tmp_path / "cube.sgy"
    words = [
        "synthetic",
        str(out),
        "--shape",
        "20",
        "21",
        "40",
        "--seed",
        "2",
        "--generator",
        generator,
    ]
    assert main(words) == 0
    survey = SURVEY_GENERATORS[generator]((20, 21, 40), seed=2)
    printed = capsys.readouterr().out.split()
    assert sorted(printed) == sorted(str(path) for path in tmp_path.iterdir())
    for name in ("amplitude", "faults", "throw", "facies", "salt"):
        path = out if name == "amplitude" else tmp_path / f"cube.{name}.sgy"
        with open_segy(path) as cube:
            values = np.stack([cube[line] for line in range(20)])
            np.testing.assert_array_equal(values, getattr(survey, name))
            assert cube.geometry.signature() == survey.geometry.signature()
    assert read_legend(tmp_path / "cube.facies.classes.csv").names == survey.names
    number = int(np.isfinite(survey.horizons).any(axis=(1, 2)).argmax())
    horizon = read_horizon(tmp_path / f"cube.horizon{number + 1}.hor", survey.geometry)
    np.testing.assert_allclose(horizon.times, 4 * survey.horizons[number], atol=0.01)


def test_nothing_is_replaced_unasked(tmp_path, capsys):
    (tmp_path / "cube.faults.sgy").write_text("mine")
    words = ["synthetic", str(tmp_path / "cube.sgy"), "--shape", "9", "9", "9"]
    assert main(words) == 1
    assert "cube.faults.sgy: expected no file there" in capsys.readouterr().err
    assert (tmp_path / "cube.faults.sgy").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
    assert main([*words, "--overwrite"]) == 0
    for words, said in ((["--shape", "4", "9", "9"], "from 8"), (["--seed", "-1"], "from 0")):
        with pytest.raises(SystemExit, match="2"):
            main(["synthetic", str(tmp_path / "b.sgy"), *words])
        assert said in capsys.readouterr().err
