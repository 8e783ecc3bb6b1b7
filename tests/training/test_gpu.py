"""Training on an accelerator; what needs JAX is left out where it is not installed."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from tfseis.jobs.faults.scores import cube_probability
from tfseis.models.cubes.networks import fault_network
from tfseis.models.pretrained import pretrained
from tfseis.models.recipe import recipe_of
from tfseis.scores.surfaces import fault_scores
from training.gpu.draws import CropRules
from training.gpu.planes import by_planes
from training.gpu.surveys import GENERATORS, UNSEEN_SEED, SurveyMakers, cube_of

HOME = Path(__file__).resolve().parents[2]
WITHOUT_TENSORFLOW = "import sys; sys.modules['tensorflow'] = None; sys.argv[0] = 'gpu'; "
needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="needs JAX: pip install jax")


def python(code: str, *arguments: str) -> str:
    """What a fresh process without TensorFlow prints."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW + code, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_places_of_crops_lie_in_their_survey():
    rules = CropRules(size=24)
    drawn = rules.drawn(4000, 32, 7, np.random.default_rng(0))
    first, step = drawn["first"], drawn["step"]
    last = first + step * (rules.size - 1)
    assert min(first.min(), last.min()) > -1e-3
    assert max(first.max(), last.max()) < 31 + 1e-3
    assert set(drawn["survey"]) == set(range(7))
    flat = step[:, 0] == 0
    assert flat.mean() == pytest.approx(rules.flat, abs=0.03)
    np.testing.assert_array_equal(first[flat, 0], np.rint(first[flat, 0]))
    assert (step[:, 1] < 0).mean() == pytest.approx(0.5, abs=0.03)
    assert step[:, 2].min() > 0  # time is never turned over


def test_the_same_random_numbers_draw_the_same_crops():
    one, two = (CropRules().drawn(5, 128, 3, np.random.default_rng(4)) for _ in range(2))
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
        assert len(one[name]) == 5


def test_processes_make_the_surveys_that_they_are_asked_for():
    code = (
        "from training.gpu.surveys import SurveyMakers, cube_of\n"
        "import numpy as np\n"
        "with SurveyMakers(['steep'], size=16, count=2, slots=3, seed=5, salty=0.0) as makers:\n"
        "    made = [(a.copy(), f.copy()) for a, f in makers.ready(4, wait=True)]\n"
        "seeds = [np.random.default_rng((5, n)) for n in (0, 1)]\n"
        "known = []\n"
        "for rng in seeds:\n"
        "    for _ in range(4):\n"
        "        rng.integers(1)\n"
        "        known.append(cube_of('steep', 16, int(rng.integers(2**62)), 0.0))\n"
        "same = [any(np.array_equal(a, b) and np.array_equal(f, g) for b, g in known)\n"
        "        for a, f in made]\n"
        "print(all(same), makers.made, len({a.tobytes() for a, _ in made}))\n"
    )
    assert python(code).split() == ["True", "4", "4"]


def test_surveys_are_scaled_as_those_that_are_scored():
    amplitude, faults = cube_of("rift", 20, 3, 0.0)
    survey = GENERATORS["rift"]((20, 20, 20), seed=3, salty=0.0)
    np.testing.assert_array_equal(faults, survey.faults)
    low, high = np.quantile(amplitude.astype("float64"), [0.05, 0.95])
    assert high - low == pytest.approx(3.29, rel=0.1)
    assert SurveyMakers.__init__.__kwdefaults__["seed"] == 0


def test_convolutions_by_planes_are_those_of_cubes():
    network = fault_network("light")
    cube = np.random.default_rng(1).normal(size=(2, 9, 10, 17, 1)).astype("float32")
    expected = np.asarray(network(cube))
    assert by_planes(network) == 13
    np.testing.assert_allclose(np.asarray(network(cube)), expected, atol=2e-5)


def test_only_cubic_kernels_of_step_1_are_computed_by_planes():
    inputs = keras.Input((None, None, None, 1))
    x = keras.layers.Conv3D(2, 3, 2, "same")(inputs)
    x = keras.layers.Conv3D(2, 1)(keras.layers.Conv3D(2, 3, padding="valid")(x))
    assert by_planes(keras.Model(inputs, x)) == 0


@needs_jax
def test_an_exact_crop_is_a_part_of_its_survey():
    import jax

    from training.gpu.crops import SurveyPool, crops

    rng = np.random.default_rng(2)
    pool = SurveyPool(2, 12)
    cubes = [rng.normal(size=(12, 12, 12)).astype("float16") for _ in range(3)]
    faults = [(rng.random((12, 12, 12)) < 0.1).astype("int8") for _ in range(3)]
    for pair in zip(cubes, faults, strict=True):
        pool.add(*pair)
    assert pool.block(0)[1] == 2
    still = {"flat": 0, "slow": 0, "exact": 1, "phase": 0, "band": 0, "noise": 0, "uneven": 0}
    rules = CropRules(size=8, clip=0, dead=0, balance=0, level=(1, 1), gain=(1, 1), **still)
    drawn = rules.drawn(6, 12, 2, np.random.default_rng(3))
    amplitude, labels = crops(pool.block(0)[0], drawn, jax.random.key(0), size=8)
    newest = [2, 1]  # the third survey took the place of the first
    for n in range(6):
        place = drawn["first"][n][:, None] + drawn["step"][n][:, None] * np.arange(8)
        at = np.ix_(*place.astype(int))
        sign = np.sign(drawn["level"][n])
        for part, whole, factor in ((amplitude, cubes, sign), (labels, faults, 1)):
            expected = factor * whole[newest[drawn["survey"][n]]][at].astype("float32")
            expected = expected.swapaxes(0, 1) if drawn["turn"][n] else expected
            np.testing.assert_allclose(np.asarray(part)[n, ..., 0], expected, atol=2e-3)


@needs_jax
def test_a_pool_of_several_blocks_gives_new_surveys_to_each_in_turn(monkeypatch):
    from training.gpu import crops

    monkeypatch.setattr(crops, "LONGEST", 2 * 4**3)
    pool = crops.SurveyPool(5, 4)
    assert pool.room == 2
    held = []
    for number in range(8):
        pool.add(np.full((4, 4, 4), number), np.zeros((4, 4, 4)))
        held.append([pool.block(step)[1] for step in range(3)])
    assert held[0] == [1, 1, 1]  # the only one
    assert held[1] == [1, 1, 1]
    assert held[3] == [2, 1, 1]
    assert held[7] == [2, 2, 2]
    numbers = [np.asarray(pool.block(step)[0][0])[:, 0, 0, 0].tolist() for step in range(3)]
    assert numbers == [[6, 3], [7, 4], [2, 5]]


@needs_jax
def test_a_flat_crop_repeats_one_section_with_its_noise_and_has_no_level_faults():
    import jax

    from training.gpu.crops import SurveyPool, crops

    rng = np.random.default_rng(2)
    pool = SurveyPool(1, 24)
    faults = np.zeros((24, 24, 24), "int8")
    faults[:, 12] = 1  # upright
    faults[:, :, 5] = 1  # level
    pool.add(rng.normal(size=faults.shape).astype("float16"), faults)
    rules = CropRules(size=20, flat=1, exact=1, noise=1, dead=1)
    drawn = rules.drawn(5, 24, 1, rng) | {"turn": np.zeros(5, bool)}
    amplitude, labels = (
        np.asarray(part)[..., 0]
        for part in crops(pool.block(0)[0], drawn, jax.random.key(1), size=20)
    )
    assert np.ptp(amplitude, axis=1).max() < 1e-5
    assert np.ptp(labels, axis=1).max() == 0
    assert (labels == -1).any(axis=(1, 2)).sum(axis=1).max() <= 1  # one sample, that of the fault
    assert (labels == 1).sum(axis=3).max() >= 18


@needs_jax
def test_the_rate_rises_and_falls_with_the_clock():
    from training.gpu.fitting import Schedule

    schedule = Schedule(end=0.0, rate=2.0, warm=0.1)
    assert schedule.at(0.0) == 0
    assert schedule.at(0.05) == pytest.approx(1.0)
    assert schedule.at(0.55) == pytest.approx(1.0)
    assert schedule.at(1.0) == schedule.at(1.5) == 0


@needs_jax
def test_a_small_training_writes_weights_that_score_as_it_says(tmp_path):
    code = "from training.gpu.__main__ import main; sys.exit(main())"
    python(code, "faults", "--dry", "--out", str(tmp_path))
    told = json.loads((tmp_path / "scores.json").read_text())
    assert told["training"]["crops"] == 2 * told["training"]["steps"] == 12
    assert told["training"]["surveys"] >= 3
    rows = [json.loads(row) for row in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["generator"] in GENERATORS
    model = pretrained("faults", folder=tmp_path)
    amplitude, faults = cube_of("spectral", 32, UNSEEN_SEED, 0.08)
    probability = cube_probability(model, amplitude.astype("float32"))
    found = fault_scores(faults, probability)
    assert found.best_iou == pytest.approx(told["scores"]["spectral"]["best_iou"], abs=0.01)
    made = tmp_path / "faults.keras"
    python(code, "model", str(tmp_path), str(made), "--threshold", "0.7")
    assert keras.saving.load_model(made).count_params() == 1_320_625
    assert recipe_of(keras.saving.load_model(made)) == replace(recipe_of(model), threshold=0.7)


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("tensorflow", "expected Keras on JAX; got KERAS_BACKEND=tensorflow. Set it to jax, or"),
        ("jax", "expected JAX; it is not installed. Run pip install jax."),
    ],
)
def test_what_is_missing_is_said_in_one_line(backend, told, monkeypatch, tmp_path, capsys):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "KERAS_BACKEND"):  # set on import
        monkeypatch.setenv(name, backend)
    from training.gpu import __main__ as command

    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.main(["faults", "--dry", "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert not (tmp_path / "out").exists()
