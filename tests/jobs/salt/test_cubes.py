import keras
import numpy as np
import pytest

from tfseis.cli import main
from tfseis.data.scaling import survey_scaling
from tfseis.errors import TfseisError
from tfseis.io import open_segy
from tfseis.io.convert import convert_cube
from tfseis.jobs.salt import apply_salt, computing
from tfseis.jobs.salt import sections as salt
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.models import light_unet, recipe_of

RECIPE = SaltRecipe(
    network="light",
    size=32,
    preparation="pad",
    image_size=21,
    channels=("image",),
    threshold=0.5,
    smallest=0,
    seed=0,
    version="0",
)


@pytest.fixture
def model(salt_model):
    return salt_model[0]


def test_the_usual_network_takes_sections_of_any_size():
    keras.utils.set_random_seed(0)
    light, recipe = light_unet((None, None, 1), filters=(4, 6, 8)), RECIPE
    network = salt.section_network(light, recipe)
    for shape in ((21, 30), (33, 70), (1, 5)):
        section = np.random.default_rng(0).normal(size=shape).astype("float32")
        grey = np.clip(salt.GREY + salt.GREY_SPREAD * section.T, 0, 1)[None, ..., None]
        wanted = np.asarray(image_probability(light, grey, recipe))[0, ..., 0].T
        np.testing.assert_allclose(network(section), wanted, atol=1e-5)


@pytest.fixture
def cube(make, amplitude, ragged):
    amplitude[:] = np.random.default_rng(0).normal(5, 3, amplitude.shape)
    amplitude[6, 0] = 0
    return open_segy(make(live=ragged))


def expected(model, cube):
    """Section by section, with loops: grey images, time down, both ways, the mean."""
    values, live = cube.read((slice(None),) * 3)
    grey = salt.GREY + salt.GREY_SPREAD * survey_scaling(cube).apply(values, live)
    grey = np.clip(grey, 0, 1)

    def section(image):
        return np.asarray(image_probability(model, image.T[None, :, :, None], recipe_of(model)))[
            0, ..., 0
        ].T

    along = np.stack([section(grey[i]) for i in range(7)], 0)
    across = np.stack([section(grey[:, j]) for j in range(8)], 1)
    assert not np.allclose(along, across, atol=0.01)
    return np.where(live, (along + across) / 2, 0)


def written(path):
    with open_segy(path) as result:
        return result[:]


def test_the_mean_of_both_axes_and_the_mask(model, cube, tmp_path):
    out, mask = tmp_path / "salt.sgy", tmp_path / "mask.sgy"
    done = apply_salt(model, cube, out, mask=mask, progress=False)
    assert done.facts["scaling"] == survey_scaling(cube).as_dict()
    assert done.files == (out, mask)
    wanted = expected(model, cube)
    np.testing.assert_allclose(written(out), wanted, atol=1e-5)
    assert np.isclose(wanted, 0).sum() > 9
    np.testing.assert_array_equal(written(mask), written(out) > 0.5)
    with open_segy(out) as result:
        live = result.read((slice(None),) * 3)[1]
    assert done.facts["salt"] == pytest.approx(written(mask).sum() / live.sum())
    assert 0.1 < written(mask).mean() < 0.9
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cube.sgy", "mask.sgy", "salt.sgy"]
    assert "mean of the networks" in out.read_bytes()[:3200].decode("cp037")


def test_a_thinned_result_is_the_whole_thinned(model, cube, tmp_path):
    out = tmp_path / "part.sgy"
    apply_salt(model, cube, out, stride=2, progress=False)
    part = written(out)
    assert part.shape == (4, 4, 5)
    np.testing.assert_allclose(part, expected(model, cube)[::2, ::2, ::2], atol=1e-5)


def test_windows_join_without_a_seam(model, monkeypatch):
    section = np.random.default_rng(0).normal(size=(70, 50)).astype("float32")
    whole = salt.section_network(model, recipe_of(model))(section)
    monkeypatch.setattr(salt, "WINDOW", 17)
    monkeypatch.setattr(salt, "MARGIN", 3)
    inside = slice(1, -1)  # what is padded at the rim depends on the size of the window
    split = salt.section_network(model, recipe_of(model))(section)
    assert split.shape == (70, 50)
    np.testing.assert_allclose(split[inside, inside], whole[inside, inside], atol=1e-5)


def test_sections_are_read_a_few_at_a_time(model, cube, tmp_path, monkeypatch):
    """Groups of any size give the same cube."""
    apply_salt(model, cube, tmp_path / "one.sgy", progress=False)
    monkeypatch.setattr(salt, "BLOCK_SAMPLES", 2 * 7 * 9)
    read, largest = cube.read, []

    def watched(key):
        values, live = read(key)
        largest.append(values.size)
        return values, live

    monkeypatch.setattr(cube, "read", watched)
    tasks = salt.section_tasks(cube, (slice(None),) * 3)
    assert [task.box[0].start for task in tasks if task.what == 0] == list(range(7))
    assert [task.box[1].start for task in tasks if task.what == 1] == [0, 2, 4, 6]
    apply_salt(model, cube, tmp_path / "few.sgy", progress=False)
    assert max(largest) == 2 * 7 * 9  # and lines of 8 * 9
    np.testing.assert_array_equal(written(tmp_path / "few.sgy"), written(tmp_path / "one.sgy"))


def test_nothing_stays_after_an_error(model, cube, tmp_path, monkeypatch):
    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(salt, "read_region", broken)
    with pytest.raises(KeyboardInterrupt):
        apply_salt(model, cube, tmp_path / "salt.sgy", progress=False)
    assert [p.name for p in tmp_path.iterdir()] == ["cube.sgy"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"stride": 0}, r"stride of at least 1; got 0"),
        ({"mask": "salt.sgy"}, r"a file of its own"),
    ],
)
def test_refusals(model, cube, tmp_path, options, message):
    options = {k: tmp_path / v if isinstance(v, str) else v for k, v in options.items()}
    with pytest.raises(TfseisError, match=message):
        apply_salt(model, cube, tmp_path / "salt.sgy", progress=False, **options)
    assert [p.name for p in tmp_path.iterdir()] == ["cube.sgy"]


def test_the_command(model, cube, tmp_path, capsys):
    file, out = tmp_path / "model.keras", tmp_path / "salt.sgy"
    model.save(file)
    words = ["salt", "apply", str(cube.path), str(out), "--model", str(file)]
    words += ["--mask", str(tmp_path / "m.sgy")]
    assert main([*words, "--inlines", "102:108"]) == 0
    assert str(survey_scaling(cube)) in capsys.readouterr().out
    assert written(out).shape == written(tmp_path / "m.sgy").shape == (4, 8, 9)


def test_a_zarr_store_is_a_cube_and_no_folder_of_images(model, cube, tmp_path):
    pytest.importorskip("zarr", reason="Zarr is an extra: pip install 'tfseis[zarr]'")
    convert_cube(cube, tmp_path / "cube.zarr")
    path = tmp_path / "model.keras"
    model.save(path)
    stored = ["salt", "apply", str(tmp_path / "cube.zarr"), str(tmp_path / "out.sgy")]
    assert main([*stored, "--model", str(path)]) == 0
    apply_salt(model, cube, tmp_path / "same.sgy", progress=False)
    with open_segy(tmp_path / "out.sgy") as found, open_segy(tmp_path / "same.sgy") as wanted:
        np.testing.assert_array_equal(found[:], wanted[:])


@pytest.mark.parametrize("backend", ["keras", "openvino"])
def test_either_library_marks_the_same(model, cube, tmp_path, backend):
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    out = tmp_path / "salt.sgy"
    done = apply_salt(model, cube, out, backend=backend, precision="float32", progress=False)
    np.testing.assert_allclose(written(out), expected(model, cube), atol=1e-5)
    assert done.facts["backend"] == backend
    assert done.text.startswith(f"computed by {backend} in float32 (as asked; {backend}: as asked)")


def test_a_small_cube_is_left_to_tensorflow(model, cube, tmp_path):
    done = apply_salt(model, cube, tmp_path / "salt.sgy", progress=False)
    assert (done.facts["backend"], done.facts["precision"]) == ("keras", "float32")


def test_windows_that_are_compared_are_parts_of_both_sections(model, cube, monkeypatch):
    """Live pixels of 7 inlines and of 8 crosslines, of which the frame repeats some."""
    monkeypatch.setattr(computing, "SIDE", 4)
    seen = {}

    def windows(runtime, wanted, inputs, *_, **__):
        seen["inputs"] = inputs
        return runtime, None

    monkeypatch.setattr(computing, "precision_of", windows)
    whole = tuple(slice(0, n) for n in cube.shape)
    computing.section_runtime(model, cube, whole, survey_scaling(cube), computing.Wish("keras"))
    inputs = seen["inputs"]
    assert inputs.count() == 7 * 2 * 3 + 8 * 2 * 3
    recipe = recipe_of(model)
    for number in (0, 5, 41, 42, 89):
        image, live = inputs.read(number)
        assert image.shape[:2] == live.shape == (recipe.size, recipe.size)
    assert len(list(inputs.spread(4))) == 4


def test_int8_is_refused_where_salt_differs(model, cube, tmp_path, monkeypatch):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    other = keras.models.clone_model(model)
    monkeypatch.setattr("tfseis.inference.precision.eight_bits", lambda *_: other)
    monkeypatch.setattr(computing, "SIDE", 4)
    with pytest.raises(TfseisError, match="Expected int8 to agree with float32"):
        apply_salt(
            model,
            cube,
            tmp_path / "salt.sgy",
            backend="openvino",
            precision="int8",
            progress=False,
        )
    assert not (tmp_path / "salt.sgy").exists()
    for wrong in ({"backend": "tpu"}, {"precision": "half"}):
        with pytest.raises(TfseisError, match=r"Expected a (backend|precision) among auto"):
            apply_salt(model, cube, tmp_path / "salt.sgy", **wrong)


def test_an_unfinished_cube_is_resumed_by_what_began_it(model, cube, tmp_path, monkeypatch):
    """A trial may come out otherwise another time."""
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    out, begun = tmp_path / "salt.sgy", salt.SectionWork.run

    def killed(self, task, *rest):
        if task.what == 1:
            raise KeyboardInterrupt
        return begun(self, task, *rest)

    monkeypatch.setattr(salt.SectionWork, "run", killed)
    with pytest.raises(KeyboardInterrupt):
        apply_salt(model, cube, out, backend="openvino", progress=False)
    monkeypatch.setattr(salt.SectionWork, "run", begun)
    done = apply_salt(model, cube, out, progress=False)
    assert done.facts["backend"] == "openvino"
    np.testing.assert_allclose(written(out), expected(model, cube), atol=1e-5)
