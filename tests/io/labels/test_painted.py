import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.io import imread, imsave

from tfseis.errors import FormatError, GeometryError, LabelError
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.painted import read_painted, section_of, write_painted

SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RED, BLUE, WHITE = (255, 0, 0, 255), (0, 0, 255, 255), (255, 255, 255, 255)
LEGEND = "code,name,colour\n4,salt,#ff0000\n7,chalk,#0000FF\n-1,background,#ffffff\n"


@pytest.fixture
def image(tmp_path):
    """Saves pixels, with the legend beside."""

    def saved(name, pixels, legend=LEGEND):
        imsave(tmp_path / name, np.asarray(pixels, "uint8"), check_contrast=False)
        if legend:
            (tmp_path / name).with_suffix(".classes.csv").write_text(legend)
        return tmp_path / name

    return saved


@pytest.fixture
def inline():
    """An inline (9 samples, 8 crosslines): red at crossline 301, 16 ms, blue at 307, 44 ms."""
    pixels = np.zeros((9, 8, 4), "uint8")
    pixels[1, 1], pixels[8, 7], pixels[2, 2] = RED, BLUE, WHITE
    pixels[3, 3] = *RED[:3], 127  # more transparent than not
    return pixels


def test_colours_become_classes_with_their_codes(image, inline, geometry):
    labels = read_painted([image("a_inline104.png", inline)], geometry)
    assert labels.positions.tolist() == [[2, 1, 1], [2, 7, 8]]
    assert labels.classes.tolist() == [0, 1]
    assert labels.legend == Legend((4, 7), ("salt", "chalk"), ("#ff0000", "#0000FF"))


@pytest.mark.parametrize(
    "name, shape, expected",
    [
        ("crossline302.png", (9, 7), [3, 2, 1]),
        ("TIME_24.png", (8, 7), [3, 1, 3]),
        ("a-Inline-110.png", (9, 8), [5, 3, 1]),
    ],
)
def test_each_axis_lies_as_documented(image, geometry, name, shape, expected):
    pixels = np.zeros((*shape, 4), "uint8")
    pixels[1, 3] = RED
    assert read_painted([image(name, pixels)], geometry).positions.tolist() == [expected]


def test_the_section_and_the_legend_can_be_given(image, inline, geometry, tmp_path):
    path = image("mine.png", inline, legend=None)
    (tmp_path / "classes.csv").write_text(LEGEND)
    labels = read_painted([path], geometry, section=(0, 112), legend=tmp_path / "classes.csv")
    assert labels.positions[:, 0].tolist() == [6, 6]


def test_several_pixels_a_sample(image, inline, geometry):
    large = np.repeat(np.repeat(inline, 3, axis=0), 5, axis=1)
    large[0, :] = RED  # not in the middle of any sample
    labels = read_painted([image("inline104.png", large)], geometry)
    assert labels.positions.tolist() == [[2, 1, 1], [2, 7, 8]]


@pytest.mark.parametrize("mode", ["grey", "grey and opacity", "colour"])
def test_images_without_all_channels(image, geometry, mode):
    pixels = np.full((9, 8, 4), 255, "uint8")
    pixels[4, 5, :3] = 0
    pixels = {
        "grey": pixels[..., 0],
        "grey and opacity": pixels[..., [0, 3]],
        "colour": pixels[..., :3],
    }[mode]
    legend = "code,name,colour\n2,salt,#000000\n-1,none,#ffffff\n"
    labels = read_painted([image("inline104.png", pixels, legend)], geometry)
    assert labels.positions.tolist() == [[2, 5, 4]]
    assert labels.legend.codes == (2,)


@SMALL
@given(st.integers(0, 2**32 - 1), st.sampled_from([(0, 104), (1, 302), (2, 24)]))
def test_a_painting_comes_back_as_it_was(tmp_path, geometry, seed, section):
    random = np.random.default_rng(seed)
    positions = np.argwhere(random.random(geometry.shape) < 0.3)
    classes = random.integers(0, 3, len(positions))
    axis, number = section
    here = positions[:, axis] == geometry.axes[axis].index(number)
    labels = Labels(positions, classes, Legend.of(["a", "b", "c"], [1, 5, 9]))
    path = tmp_path / "any.png"
    write_painted(path, labels, geometry, section, overwrite=True)
    again = read_painted([path], geometry, section=section)
    codes = dict(
        zip(
            map(tuple, positions[here].tolist()),
            (np.array([1, 5, 9])[classes[here]]).tolist(),
            strict=True,
        )
    )
    found = np.array(again.legend.codes)[again.classes].tolist()
    assert dict(zip(map(tuple, again.positions.tolist()), found, strict=True)) == codes
    assert imread(path).shape[2] == 4


def test_sections_that_cross_must_agree(image, geometry):
    one, other = np.zeros((9, 8, 4), "uint8"), np.zeros((9, 7, 4), "uint8")
    one[4, 2] = other[4, 2] = RED
    paths = [image("inline104.png", one), image("crossline302.png", other)]
    assert len(read_painted(paths, geometry)) == 1
    paths[1] = image("crossline302.png", np.where(other == RED, BLUE, other))
    with pytest.raises(LabelError, match=r"salt and chalk at inline 104, crossline 302, sample 28"):
        read_painted(paths, geometry)


ONE_COLOUR = "code,name,colour\n1,a,#ff0000\n2,b,#ff0000\n"


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda p: p[:, :7], "expected 8 x 9 pixels, or a multiple, .*7 x 9"),
        (lambda p: np.pad(p, ((0, 1), (0, 0), (0, 0))), "got 8 x 10"),
        (lambda p: p // 2 + 128, "colours of the legend; got #808080 in row 0"),
        (lambda p: 0 * p, "Expected painted samples; all are transparent"),
    ],
)
def test_what_is_no_painted_section_is_refused(image, inline, geometry, change, message):
    with pytest.raises(LabelError, match=message):
        read_painted([image("inline104.png", change(inline))], geometry)


@pytest.mark.parametrize("legend", ["code,name,colour\n1,a,red\n", ONE_COLOUR])
def test_colours_that_tell_no_classes_apart_are_refused(image, inline, geometry, legend):
    with pytest.raises(LabelError, match="a colour of its own for each class, as #rrggbb; got"):
        read_painted([image("inline104.png", inline, legend)], geometry)


def test_a_palette_image_is_read(geometry, tmp_path):
    pixels = Image.fromarray(np.eye(9, 8, dtype="uint8")).convert("P")
    pixels.putpalette([255, 255, 255, 255, 0, 0])
    pixels.save(tmp_path / "inline104.png")
    (tmp_path / "inline104.classes.csv").write_text(LEGEND)
    labels = read_painted([tmp_path / "inline104.png"], geometry)
    assert labels.positions.tolist() == [[2, k, k] for k in range(8)]


def test_files_that_cannot_be_read_are_refused(image, inline, geometry, tmp_path):
    with pytest.raises(GeometryError, match="Expected inline between 100 and 112; got 339"):
        read_painted([image("inline339.png", inline)], geometry)
    with pytest.raises(FormatError, match=r"inline106.classes.csv: expected a CSV"):
        read_painted([image("inline106.png", inline, legend=None)], geometry)
    path = image("inline104.png", inline)
    for content in (b"no image", path.read_bytes()[:60]):
        path.write_bytes(content)
        with pytest.raises(FormatError, match=r"inline104.png: expected a PNG image; "):
            read_painted([path], geometry)
    deep = np.zeros((9, 8), "uint16")
    imsave(path, deep, check_contrast=False)
    with pytest.raises(FormatError, match="a PNG image of 8 bits a colour; got mode I"):
        read_painted([path], geometry)
    with pytest.raises(LabelError, match="at least one painted section; got none"):
        read_painted([], geometry)


def test_legends_must_agree(image, inline, geometry):
    paths = [
        image("inline104.png", inline),
        image("inline106.png", inline, LEGEND.replace("salt", "mud")),
    ]
    with pytest.raises(LabelError, match="one legend for all sections; code 4 is mud #ff0000 here"):
        read_painted(paths, geometry)


def test_writing_is_refused_without_labels_or_colours(geometry, tmp_path):
    labels = Labels(
        np.array([[0, 0, 0]]), np.array([0]), Legend((0, 1), ("a", "b"), ("#000000",) * 2)
    )
    with pytest.raises(LabelError, match="Expected a colour of its own for each class"):
        write_painted(tmp_path / "a.png", labels, geometry, (0, 100))
    labels = Labels(labels.positions, labels.classes, Legend.of(["a", "b"]))
    with pytest.raises(LabelError, match="Expected labels on inline 102; got none"):
        write_painted(tmp_path / "a.png", labels, geometry, (0, 102))


def test_a_name_ends_in_the_section():
    assert section_of("x/salt_time0800.5.png") == (2, 800.5)
    with pytest.raises(LabelError, match="a name that ends in the section, such as salt_inline339"):
        section_of("inline339_salt.png")


def test_codes_that_the_result_cannot_hold_are_refused(image, inline, geometry):
    path = image("a_inline104.png", inline, LEGEND.replace("7,", "40000,"))
    with pytest.raises(LabelError, match="up to 32767; got 40000"):
        read_painted([path], geometry)
