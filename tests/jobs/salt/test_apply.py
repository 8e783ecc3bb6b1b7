import numpy as np
import pytest
from PIL import Image

from tfseis.cli import main
from tfseis.errors import TfseisError
from tfseis.io import output
from tfseis.io.images.images import read_mask
from tfseis.jobs.salt import apply_salt, probabilities
from tfseis.scores.masks import decided

SIZES = {"wide": (9, 14), "tall": (17, 8), "also-tall": (17, 8)}


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for name, size in SIZES.items():
        Image.fromarray(rng.integers(0, 256, size, "uint8")).save(tmp_path / f"images/{name}.png")
    return tmp_path / "images"


def test_each_image_has_the_mask_that_the_network_gives_it_alone(salt_model, folder, tmp_path):
    model, recipe = salt_model
    model.save(tmp_path / "m.keras")
    assert (
        main(
            [
                "salt",
                "apply",
                str(folder),
                str(tmp_path / "out"),
                "--model",
                str(tmp_path / "m.keras"),
            ]
        )
        == 0
    )
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(SIZES)
    both = []
    for name, size in SIZES.items():
        image = np.asarray(Image.open(folder / f"{name}.png"))[np.newaxis]
        found = probabilities(model, image, np.array([np.nan]), recipe)
        mask = read_mask(tmp_path / f"out/{name}.png")
        assert mask.shape == size
        np.testing.assert_array_equal(mask, decided(found, recipe.threshold, recipe.smallest)[0])
        both.append(mask.mean())
    assert 0 < np.mean(both) < 1


def test_refusals_leave_everything_as_it_was(salt_model, folder, tmp_path):
    model, _ = salt_model
    out = tmp_path / "out"
    (out / "thesis").mkdir(parents=True)
    with pytest.raises(TfseisError, match="one exists"):
        apply_salt(model, folder, out)
    with pytest.raises(TfseisError, match="also holds thesis"):
        apply_salt(model, folder, out, overwrite=True)
    with pytest.raises(TfseisError, match="that of the images"):
        apply_salt(model, folder, folder, overwrite=True)
    with pytest.raises(TfseisError, match="expected images"):
        apply_salt(model, out, tmp_path / "new")
    (folder / "broken.png").write_text("none")
    with pytest.raises(TfseisError, match=r"broken\.png"):
        apply_salt(model, folder, tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {"images", "out"}


def test_a_folder_that_fails_leaves_nothing_and_a_finished_one_is_replaced(tmp_path):
    place = tmp_path / "a"

    def fail():
        with output.complete_folder(place, results=["*.png"]) as draft:
            (draft / "x.png").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not list(tmp_path.iterdir())
    for name in ("x.png", "y.png"):
        with output.complete_folder(place, results=["*.png"], overwrite=True) as draft:
            (draft / name).touch()
    assert [path.name for path in place.iterdir()] == ["y.png"]
