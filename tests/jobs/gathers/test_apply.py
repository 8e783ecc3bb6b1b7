"""Noise is taken out of files of every kind, and what is not noise stays bit for bit."""

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.errors import FormatError, OutputError
from tfseis.geometry import Axis, Geometry
from tfseis.io.gathers.opening import open_gathers
from tfseis.io.segy.create import write_segy
from tfseis.jobs.gathers import apply_gathers
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.models import gather_unet, with_recipe
from tfseis.scores.denoising import gather_score

LARGE = 2**31 - 1
RECIPE = GatherRecipe(
    network="unet",
    channels=("amplitude",),
    trained_on="synthetic",
    size=(8, 16),
    stride=(4, 8),
    sample_interval=4.0,
    seed=0,
    version="0",
)


def model(noise=0.0):
    """A network that returns its input, or adds the same value everywhere."""
    network = gather_unet((None, None, 1), filters=(2, 2))
    network.set_weights([np.zeros_like(w) for w in network.get_weights()])
    network.weights[-1].assign(np.full(network.weights[-1].shape, noise))
    return with_recipe(network, RECIPE)


def amplitudes(kind):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 9, 40))
    if np.dtype(kind).kind == "f":
        return values.astype(kind)
    limits = np.iinfo(kind)
    values = (values * limits.max / 5).clip(limits.min, limits.max / 2).astype(kind)
    values[:, :2, 3:5] = limits.max  # a clipped record
    values[:, 2:4, 3:5] = limits.min
    return values


@pytest.mark.parametrize("kind", ["float32", "float64", "float16", "int8", "int16", "int32"])
@pytest.mark.parametrize("turned", [False, True])
def test_the_identity_keeps_every_bit_of_an_array(kind, turned, tmp_path):
    values = amplitudes(kind)
    values = values.transpose(0, 2, 1) if turned else values
    np.save(tmp_path / "shots.npy", values)
    out = tmp_path / "out.npy"
    apply_gathers(
        model(), tmp_path / "shots.npy", out, residual=tmp_path / "rest.npy", progress=False
    )
    assert out.read_bytes() == (tmp_path / "shots.npy").read_bytes()
    assert not np.load(tmp_path / "rest.npy").any()


def test_an_array_of_one_gather_and_what_was_removed(tmp_path):
    values = amplitudes("float32")[0]
    values[3] = 0  # a dead trace
    np.save(tmp_path / "shot.npy", values)
    apply_gathers(
        model(0.3),
        tmp_path / "shot.npy",
        tmp_path / "out.npy",
        residual=tmp_path / "rest.npy",
        progress=False,
    )
    kept, rest = np.load(tmp_path / "out.npy"), np.load(tmp_path / "rest.npy")
    assert kept.shape == values.shape
    assert kept.dtype == "float32"
    assert np.abs(rest).max() > 0.01
    np.testing.assert_allclose(kept + rest, values, atol=1e-5)
    assert not kept[3].any()


def test_files_of_another_kind_and_of_several_gathers_are_refused(tmp_path):
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", amplitudes("float32")[0])
    with pytest.raises(FormatError, match=r"one SEG-Y or \.npy file; got a folder.*Name one file"):
        apply_gathers(model(), tmp_path, tmp_path / "out.npy")
    with pytest.raises(OutputError, match=r"out\.sgy: expected a file NAME\.npy"):
        apply_gathers(model(), tmp_path / "a.npy", tmp_path / "out.sgy", progress=False)
    with pytest.raises(OutputError):
        apply_gathers(model(), tmp_path / "a.npy", tmp_path / "a.npy", overwrite=True)


@pytest.mark.filterwarnings("ignore:.*stands for no value")
@pytest.mark.parametrize("format, kind", [(2, "int32"), (3, "int16"), (6, "float64"), (8, "int8")])
def test_the_identity_keeps_every_bit_of_a_file(format, kind, tmp_path):
    axes = Axis("inline", 1, 1, 3), Axis("crossline", 1, 1, 9), Axis("sample", 0, 4, 40)
    path, out = tmp_path / "shots.sgy", tmp_path / "out.sgy"
    write_segy(path, amplitudes("int8").astype("float32"), Geometry(*axes), format=format)
    raw, trace = bytearray(path.read_bytes()), 240 + 40 * np.dtype(kind).itemsize
    for number, values in enumerate(amplitudes(kind).reshape(27, 40)):
        place = 3600 + number * trace
        raw[place + 240 : place + trace] = values.astype(np.dtype(kind).newbyteorder(">")).tobytes()
    path.write_bytes(raw)
    gathers = open_gathers(path, gather_byte=189, offset_byte=193)
    assert len(gathers) == 3
    apply_gathers(model(), gathers, out, progress=False)
    assert out.read_bytes() == path.read_bytes()
    apply_gathers(model(1e9), gathers, out, overwrite=True, progress=False)  # beyond the limits
    assert out.read_bytes() != path.read_bytes()


def test_integers_at_their_limits_keep_their_sign(tmp_path):
    np.save(tmp_path / "shot.npy", np.full((8, 16), LARGE, "int32"))
    apply_gathers(model(-0.5), tmp_path / "shot.npy", tmp_path / "out.npy", progress=False)
    assert (np.load(tmp_path / "out.npy") > 0).all()


def test_the_command_takes_arrays(tmp_path, capsys):
    np.save(tmp_path / "shot.npy", amplitudes("float32")[0])
    model().save(tmp_path / "m.keras")
    words = ["gathers", "apply", str(tmp_path / "shot.npy"), str(tmp_path / "out.npy")]
    assert main([*words, "--model", str(tmp_path / "m.keras")]) == 0
    assert "1 gather;" in capsys.readouterr().out


def test_leakage_of_a_sample_of_gathers_and_all_else_of_all(tmp_path, capsys):
    """Beside scores of each gather by itself."""
    rng = np.random.default_rng(1)
    signal = rng.normal(size=(7, 9, 40)).astype("float32")
    noisy = signal + rng.normal(size=signal.shape).astype("float32")
    np.save(tmp_path / "shots.npy", noisy)
    np.save(tmp_path / "clean.npy", signal)
    network, facts = model(0.2), {}
    for scored in (1000, 7, 3):
        facts[scored] = apply_gathers(
            network,
            tmp_path / "shots.npy",
            tmp_path / f"{scored}.npy",
            truth=tmp_path / "clean.npy",
            scored=scored,
            progress=False,
        ).facts
    assert facts[1000] == facts[7]
    kept = np.load(tmp_path / "7.npy")
    assert np.array_equal(kept, np.load(tmp_path / "3.npy"))
    gathers = open_gathers(tmp_path / "shots.npy")
    each = [gather_score(gathers.read(i), kept[i], signal[i]) for i in range(7)]
    for scored, chosen in ((7, range(7)), (3, (0, 3, 6))):
        found = facts[scored]["scores"]
        assert facts[scored]["scored for leakage"] == scored
        assert found["leakage"] == pytest.approx(np.mean([each[i].leakage for i in chosen]))
        assert found["chance leakage"] == pytest.approx(np.mean([each[i].chance for i in chosen]))
        assert found["removed energy"] == pytest.approx(np.mean([one.removed for one in each]))
        assert found["gain dB"] == pytest.approx(np.mean([one.gain for one in each]), abs=1e-4)
    network.save(tmp_path / "m.keras")
    words = ["gathers", "apply", str(tmp_path / "shots.npy"), str(tmp_path / "out.npy")]
    assert main([*words, "--model", str(tmp_path / "m.keras"), "--scored", "2"]) == 0
    assert "in 2 gathers evenly chosen" in capsys.readouterr().out
    with pytest.raises(FormatError, match="at least 1 gather"):
        apply_gathers(network, tmp_path / "shots.npy", tmp_path / "no.npy", scored=0)


def test_what_is_not_known_is_said(tmp_path):
    """Nothing is removed from gathers without noise: no leakage by chance, and no gain."""
    np.save(tmp_path / "shot.npy", amplitudes("float32")[0])
    done = apply_gathers(
        model(),
        tmp_path / "shot.npy",
        tmp_path / "out.npy",
        truth=tmp_path / "shot.npy",
        scores=tmp_path / "s.json",
        progress=False,
    )
    assert "signal leakage 0.000" in done.text
    assert "by chance alone: not known" in done.text
    assert "signal to noise" not in done.text
    assert {*done.facts["scores"]} == {"leakage", "removed energy"}
    assert "NaN" not in (tmp_path / "s.json").read_text()
