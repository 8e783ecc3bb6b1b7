"""Files of every kind show the same image and the same mask, or are refused."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from tfseis.errors import FormatError
from tfseis.io import read_image, read_mask, read_patches

GREY = np.array([[0, 100, 255], [7, 200, 9]], "uint8")
MASK = GREY > 99
WHITE = 255 * MASK.astype("uint8")


def colours(values, *opacity):
    return np.dstack([values, values, values, *opacity])


def palette(indices, shown):
    """A picture of palette indices that shows these levels of grey."""
    image = Image.fromarray(indices.astype("uint8"), "P")
    image.putpalette([level for one in shown for level in (one, one, one)])
    return image


def reversed_palette(values):
    return palette(255 - values, range(255, -1, -1))


OPAQUE, HALF = np.full_like(GREY, 255), np.where(MASK, 255, 100).astype("uint8")
SAME = {
    "grey": Image.fromarray,
    "16 bits": lambda v: Image.fromarray(v.astype("uint16") * 257),
    "colours": lambda v: Image.fromarray(colours(v)),
    "opaque colours": lambda v: Image.fromarray(colours(v, OPAQUE)),
    "opaque grey": lambda v: Image.fromarray(np.dstack([v, OPAQUE]), "LA"),
    "palette": reversed_palette,
    "few colours": lambda v: Image.fromarray(v).quantize(8),
}
MASKS = SAME | {
    "1 bit": lambda v: Image.fromarray(v > 0),
    "classes": lambda v: Image.fromarray((v > 0).astype("uint8")),
    "green": lambda v: Image.fromarray(np.dstack([0 * v, v, 0 * v])),
    "blue, opaque": lambda v: Image.fromarray(np.dstack([0 * v, 0 * v, v, OPAQUE])),
    "white is the first colour": lambda v: palette(v == 0, (255, 0)),
    "transparent where black": lambda v: Image.fromarray(colours(v, v)),
}


def patches(folder, image):
    """A folder of one patch, whose mask is `image`."""
    for part in ("images", "masks"):
        (folder / part).mkdir()
    Image.fromarray(GREY).save(folder / "images/well_1_patch_0.png")
    image.save(folder / "masks/well_1_patch_0.png")
    return read_patches(folder, progress=False)


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated")
@pytest.mark.parametrize("kind", SAME)
def test_an_image_of_any_kind_is_seen_alike(kind, tmp_path):
    SAME[kind](GREY).save(tmp_path / "well_1_patch_0.png")
    found = read_image(tmp_path / "well_1_patch_0.png")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, GREY)
    scale = 257 if kind == "16 bits" else 1
    well = read_patches(tmp_path, progress=False)
    np.testing.assert_array_equal(well.images[0], GREY * np.float32(scale))


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated")
@pytest.mark.parametrize("kind", MASKS)
def test_a_mask_of_any_kind_is_seen_alike(kind, tmp_path):
    image = MASKS[kind](WHITE)
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), MASK)
    np.testing.assert_array_equal(patches(tmp_path, image).masks[0], MASK)


def test_16_bits_are_16_bits_however_dark(tmp_path):
    Image.fromarray(GREY.astype("uint16")).save(tmp_path / "dark.png")
    assert read_image(tmp_path / "dark.png").max() == 0


def test_1_bit_is_black_and_white(tmp_path):
    Image.fromarray(MASK).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_image(tmp_path / "bits.png"), WHITE)


RED_ON_BLUE = np.dstack([WHITE, 0 * WHITE, 255 - WHITE])
REFUSED_MASKS = {
    "levels": (GREY, r"mask of 0 and one other value; got 6 values, up to 255"),
    "two colours": (RED_ON_BLUE, r"got 2 values.*background is black"),
    "half transparent": (colours(WHITE, np.roll(WHITE, 1)), r"differs from what is black"),
    "in its opacity": (colours(0 * WHITE, WHITE), r"Save it without an alpha channel"),
}


@pytest.mark.parametrize("kind", REFUSED_MASKS)
def test_masks_with_two_readings_are_refused(kind, tmp_path):
    values, message = REFUSED_MASKS[kind]
    Image.fromarray(values).save(tmp_path / "mask.png")
    with pytest.raises(FormatError, match=message):
        read_mask(tmp_path / "mask.png")
    with pytest.raises(FormatError, match=message):
        patches(tmp_path, Image.fromarray(values))


@pytest.mark.parametrize(
    "values, message",
    [
        (np.dstack([GREY, GREY // 2, GREY]), r"expected a grey image.*Convert it to grey"),
        (colours(GREY, HALF), r"without transparency; some pixels are transparent"),
    ],
)
def test_images_with_two_readings_are_refused(values, message, tmp_path):
    Image.fromarray(values).save(tmp_path / "well_1_patch_0.png")
    with pytest.raises(FormatError, match=message):
        read_image(tmp_path / "well_1_patch_0.png")
    with pytest.raises(FormatError, match=message):
        read_patches(tmp_path, progress=False)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg", "tif"])
@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_images_are_turned_as_their_tag_says(tmp_path, orientation, ending, mode):
    if mode == "I;16" and ending == "jpg":
        return
    values = np.linspace(20, 230, 35).astype("uint8").reshape(5, 7)
    image = Image.fromarray(values.astype("uint16") * 257 if mode == "I;16" else values)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100} if ending == "jpg" else {}
    path = tmp_path / f"a.{ending}"
    (image if mode == "I;16" else image.convert(mode)).save(path, exif=exif, **options)
    plain = Image.fromarray(values)
    plain.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(plain))
    np.testing.assert_allclose(read_image(path).astype(int), expected, atol=2)


def test_a_damaged_tag_turns_nothing(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert np.array_equal(read_image(tmp_path / "a.png"), GREY)


@pytest.mark.parametrize("kind", ["float32", "int32"])
@pytest.mark.parametrize("value", [1, 255, -1])
def test_masks_of_32_bits(tmp_path, kind, value):
    Image.fromarray((value * MASK).astype(kind)).save(tmp_path / "a.tif")
    assert np.array_equal(read_mask(tmp_path / "a.tif"), MASK)


def test_masks_and_images_of_32_bits_with_two_readings_are_refused(tmp_path):
    values = np.where(MASK, 1, np.nan).astype("float32")
    Image.fromarray(values).save(tmp_path / "a.tif")
    with pytest.raises(FormatError, match="some values are not finite"):
        read_mask(tmp_path / "a.tif")
    Image.fromarray(MASK.astype("float32")).save(tmp_path / "b.tif")
    with pytest.raises(FormatError, match=r"8 or 16 bits; got float32, whose white is not known"):
        read_image(tmp_path / "b.tif")
