"""Images, patches, gathers and submissions of any size and type: read alike, or refused loudly."""

import io
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
import segyio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from tests.io.test_long_fuzz import changed
from tfseis.errors import FormatError, TfseisError
from tfseis.io import (
    check_submission,
    encode_rle,
    open_cube,
    open_gathers,
    read_image,
    read_images,
    read_mask,
    read_patches,
    write_submission,
)
from tfseis.io.images.wells import read_mask_table

SIZES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
GREY = SIZES.flatmap(lambda shape: hnp.arrays("uint8", shape))
DAMAGED = 150  # changed copies of each file


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "png", **options)
    file.seek(0)
    file.name = "a.png"
    return file


FORMS = {
    "grey": Image.fromarray,
    "16 bits": lambda v: Image.fromarray(v.astype("uint16") * 257),
    "colours": lambda v: Image.fromarray(np.dstack([v, v, v])),
    "opaque": lambda v: Image.fromarray(np.dstack([v, v, v, np.full_like(v, 255)])),
    "interlaced palette": lambda v: Image.fromarray(v).convert("P"),
}


@pytest.mark.parametrize("form", FORMS)
@given(values=GREY)
def test_grey_is_the_same_in_every_form(form, values):
    np.testing.assert_array_equal(read_image(saved(FORMS[form](values))), values)


@pytest.mark.parametrize("form", FORMS)
@given(mask=SIZES.flatmap(lambda shape: hnp.arrays(bool, shape)), white=st.integers(1, 255))
def test_a_mask_is_the_same_in_every_form(form, mask, white):
    values = (mask * white).astype("uint8")
    np.testing.assert_array_equal(read_mask(saved(FORMS[form](values))), mask)


@given(masks=SIZES.flatmap(lambda s: st.lists(hnp.arrays(bool, s), min_size=1, max_size=4)))
def test_a_submission_gives_its_masks_back(masks, tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "s.csv"
    ids = [f"{number:03}" for number in range(len(masks))]
    write_submission(path, ids, masks)
    found = check_submission(path, shape=masks[0].shape)
    assert found["id"].tolist() == ids
    assert found["pixels"].tolist() == [mask.sum() for mask in masks]
    assert found["rle_mask"].tolist() == [encode_rle(mask) for mask in masks]


TYPES = ["<f4", ">f4", "<f8", ">f8", "<f2", "i1", "u1", "<i2", ">i2", "<u2", "<i4", ">i4"]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_any_type_are_the_same_gathers_and_patches(kind, order, tmp_path):
    values = np.random.default_rng(0).integers(1, 100, (7, 11))
    array = np.array(values.astype(kind), order=order)
    np.save(tmp_path / "well_1_patch_0.npy", array)
    gather = open_gathers(tmp_path / "well_1_patch_0.npy").read(0)
    np.testing.assert_array_equal(gather.amplitude, values)
    patches = read_patches(tmp_path, progress=False)
    np.testing.assert_array_equal(patches.images[0], values)


def gathers(path):
    found = open_gathers(path)
    for number in range(len(found)):
        assert np.isfinite(found.read(number).amplitude).all()


def prestack(path):
    spec = segyio.spec()
    spec.format, spec.samples, spec.tracecount = 5, 4.0 * np.arange(9), 8
    with segyio.create(path, spec) as file:
        file.bin.update({3217: 4000})
        for trace in range(8):
            file.header[trace] = {9: trace // 4, 13: trace % 4, 37: 25 * (trace % 4)}
            file.trace[trace] = np.arange(9, dtype="float32") + trace


def challenge(path):
    """A zip of two images with their masks and tables, stored so that damage meets the files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a", "b"):
            values = np.arange(36, dtype="uint8").reshape(6, 6)
            archive.writestr(f"train/images/{name}.png", saved(Image.fromarray(values)).read())
            mask = Image.fromarray((values > 20).astype("uint8") * 255)
            archive.writestr(f"train/masks/{name}.png", saved(mask).read())
        runs = encode_rle(values > 20)
        archive.writestr("train.csv", f"id,rle_mask\na,{runs}\nb,{runs}\n")
        archive.writestr("depths.csv", "id,z\na,100\nb,200\n")


def files(folder):
    """A good file of each kind, with what reads it."""
    values = np.random.default_rng(0).normal(size=(6, 9)).astype("float32")
    np.save(folder / "g.npy", values)
    np.save(folder / "well_1_patch_0.npy", values)
    Image.fromarray(np.arange(54, dtype="uint8").reshape(6, 9)).save(folder / "i.png")
    Image.fromarray(((values > 0) * 255).astype("uint8")).save(folder / "m.png")
    prestack(folder / "pre.sgy")
    challenge(folder / "tgs.zip")
    (folder / "s.csv").write_text("id,rle_mask\na,1 3 10 2\nb,\n")
    rows = {f"well_1_patch_{n}": (values[:3, :3] > 0).ravel().astype(int) for n in range(3)}
    pd.DataFrame(rows).T.to_csv(folder / "labels.csv")
    return {
        "g.npy": gathers,
        "pre.sgy": gathers,
        "i.png": read_image,
        "m.png": read_mask,
        "tgs.zip": lambda path: read_images(path, progress=False),
        "s.csv": check_submission,
        "labels.csv": read_mask_table,
        "well_1_patch_0.npy": lambda path: read_patches(path.parent, progress=False),
    }


KINDS = ["g.npy", "pre.sgy", "i.png", "m.png", "tgs.zip", "s.csv", "labels.csv"]


@pytest.mark.parametrize("name", [*KINDS, "well_1_patch_0.npy"])
def test_damaged_files_are_read_or_refused_in_one_line(name, tmp_path):
    read = files(tmp_path)[name]
    good = (tmp_path / name).read_bytes()
    read(tmp_path / name)
    rng, refused = np.random.default_rng(len(name)), 0
    damaged = tmp_path / "damaged" / name
    damaged.parent.mkdir()
    for _ in range(DAMAGED):
        bad = changed(good, rng) if rng.random() < 0.8 else good[: rng.integers(0, len(good))]
        damaged.write_bytes(bad)
        said = ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                read(damaged)
        except TfseisError as error:
            refused, said = refused + 1, str(error)
        except Exception as error:
            raise AssertionError(bad) from error
        assert "\n" not in said, bad
    assert refused


@pytest.mark.parametrize("name", ["inline_numbers", "sample_times_ms"])
def test_numbers_of_two_axes_are_refused(tmp_path, name):
    numbers = {
        "inline_numbers": np.arange(3),
        "crossline_numbers": np.arange(4),
        "sample_times_ms": np.arange(5),
    }
    numbers[name] = np.ones((len(numbers[name]), 2))
    np.savez(tmp_path / "a.npz", amplitude=np.zeros((3, 4, 5), "float32"), **numbers)
    with pytest.raises(FormatError, match=rf"one number for each line in {name}; got shape"):
        open_cube(tmp_path / "a.npz")
