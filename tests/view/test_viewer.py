"""What is plotted, read from the images and labels; keys and scrolls are events of the canvas."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backend_bases import KeyEvent, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from tfseis.errors import OutputError
from tfseis.io import ArrayCube, Labels, Legend, open_segy, write_legend, write_segy
from tfseis.view import Viewer, show, write_png

LEGEND = Legend.of(["chalk", "salt", "shale"], [1, 4, 7])


@pytest.fixture
def cube(survey):
    with open_segy(survey) as opened:
        yield opened


@pytest.fixture
def codes():
    return np.random.default_rng(0).choice([1, 4, 7], (7, 8, 9)).astype("int16")


@pytest.fixture
def overlay(tmp_path, geometry):
    """Writes an overlay and opens it."""
    opened = []

    def made(values, *, parts=(slice(None),) * 3, legend=None, name="facies", **options):
        path = tmp_path / f"{name}.sgy"
        write_segy(path, values[parts], geometry.sliced(parts), **options)
        if legend:
            write_legend(path.with_suffix(".classes.csv"), legend)
        opened.append(open_segy(path))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


def press(viewer, *keys):
    canvas = viewer.figure.canvas
    for key in keys:
        canvas.callbacks.process("key_press_event", KeyEvent("key_press_event", canvas, key))


def scroll(viewer, step):
    canvas = viewer.figure.canvas
    event = MouseEvent("scroll_event", canvas, 0, 0, step=step)
    canvas.callbacks.process("scroll_event", event)


def shown(viewer, image=0):
    return np.ma.filled(viewer.figure.axes[0].images[image].get_array(), np.nan)


def title(viewer):
    return viewer.figure.axes[0].get_title()


def test_keys_and_scrolling_lead_to_the_slices_they_promise(cube, amplitude):
    viewer = Viewer(cube)
    FigureCanvasAgg(viewer.figure)
    assert title(viewer) == "Inline 106"
    np.testing.assert_array_equal(shown(viewer), amplitude[3].T)
    for keys, number in ((["right"], 108), (["left"] * 2, 104), (["pageup"], 112), (["home"], 100)):
        press(viewer, *keys)
        assert title(viewer) == f"Inline {number}"
    scroll(viewer, 1)
    scroll(viewer, 1)
    scroll(viewer, -1)
    np.testing.assert_array_equal(shown(viewer), amplitude[1].T)
    press(viewer, "a", "end")
    assert title(viewer) == "Crossline 307"
    np.testing.assert_array_equal(shown(viewer), amplitude[:, 7].T)
    press(viewer, "a")
    assert title(viewer) == "Time 28 ms"
    np.testing.assert_array_equal(shown(viewer), amplitude[:, :, 4])


def test_axes_carry_line_numbers_and_milliseconds(cube):
    viewer = Viewer(cube)
    axes = viewer.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("crossline", "time (ms)")
    assert (axes.get_xlim(), axes.get_ylim()) == ((299.5, 307.5), (46, 10))
    viewer.press("a")
    axes = viewer.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_xlim()) == ("inline", (99, 113))
    viewer.press("a")
    axes = viewer.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("crossline", "inline")
    assert (axes.get_xlim(), axes.get_ylim()) == ((299.5, 307.5), (99, 113))
    assert axes.get_aspect() == pytest.approx(1)  # one number spans 12.5 m along both axes


def test_only_the_slice_is_read(cube, monkeypatch):
    viewer, read = Viewer(cube), []
    monkeypatch.setattr(cube, "read", lambda key: read.append(key) or type(cube).read(cube, key))
    press(viewer, "right", "x")  # x is no key of the viewer
    assert read == [(slice(4, 5), slice(None), slice(None))]


def test_classes_are_plotted_in_their_colours_with_a_legend(cube, overlay, codes):
    viewer = Viewer(cube, [overlay(codes, legend=LEGEND, format=3)])
    colours = np.asarray(viewer.figure.axes[0].images[1].get_array())
    place = np.searchsorted(LEGEND.codes, codes[3].T)
    expected = np.array([to_rgb(colour) for colour in LEGEND.colours])[place]
    np.testing.assert_allclose(colours[..., :3], expected)
    np.testing.assert_allclose(colours[..., 3], 0.45)
    assert title(viewer) == "Inline 106   facies.sgy, 45%"
    names = [text.get_text() for text in viewer.figure.legends[0].get_texts()]
    assert names == ["chalk", "salt", "shale"]
    press(viewer, "+", "up", "-")
    np.testing.assert_allclose(np.asarray(shown(viewer, 1))[..., 3], 0.55)
    press(viewer, "o")
    assert len(viewer.figure.axes[0].images) == 1
    assert not viewer.figure.legends


def test_cubes_in_memory_are_shown_like_files(cube, overlay, amplitude, codes, geometry):
    named = ArrayCube(codes, geometry, name="facies.sgy")
    viewers = [
        Viewer(cube, [overlay(codes, format=3)]),
        Viewer(ArrayCube(amplitude, geometry), [named]),
    ]
    for keys in ((), ("right",), ("a",), ("a",)):
        for viewer in viewers:
            press(viewer, *keys)
        for image in (0, 1):
            np.testing.assert_array_equal(*(shown(viewer, image) for viewer in viewers))
        assert title(viewers[0]) == title(viewers[1])


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "a"]])
def test_an_overlay_on_part_of_the_lines_lies_where_its_numbers_say(cube, overlay, codes, keys):
    parts = slice(1, 6, 2), slice(2, 8, 2), slice(2, 9, 2)
    viewer = Viewer(cube, [overlay(codes, parts=parts, legend=LEGEND, format=3)])
    press(viewer, *keys)
    axis = viewer.state.axis
    image = np.asarray(viewer.figure.axes[0].images[1].get_array())
    image = image if axis == 2 else image.transpose(1, 0, 2)
    colours = np.array([to_rgb(colour) for colour in LEGEND.colours])
    held = [np.arange(n)[part] for n, part in zip(cube.shape, parts, strict=True)]
    assert viewer.state.index in held[axis]
    first, second = viewer.state.rest
    ours = np.ix_(held[first], held[second])
    whole = codes.take(viewer.state.index, axis)[ours]
    np.testing.assert_allclose(image[..., :3][ours], colours[np.searchsorted([1, 4, 7], whole)])
    assert (image[0, :, 3] == 0).all()  # outside
    assert (image[held[first]][:, 0, 3] == 0).all()
    press(viewer, "home")
    assert title(viewer).endswith("(facies.sgy: not here)")
    assert len(viewer.figure.axes[0].images) == 1


def test_a_slice_between_two_of_an_overlay_takes_the_nearer_one(cube, overlay, codes):
    parts = slice(0, 7, 3), slice(None), slice(None)
    viewer = Viewer(cube, [overlay(codes, parts=parts, legend=LEGEND, format=3)])
    colours = np.array([to_rgb(colour) for colour in LEGEND.colours])
    press(viewer, "home")
    for nearest in (0, 0, 3, 3, 3, 6, 6):
        image = np.asarray(viewer.figure.axes[0].images[1].get_array())[..., :3]
        expected = colours[np.searchsorted([1, 4, 7], codes[nearest].T)]
        np.testing.assert_allclose(image, expected)
        press(viewer, "right")


def test_classes_without_a_legend_keep_their_colours_from_slice_to_slice(cube, overlay):
    values = np.full((7, 8, 9), 2, "int16")
    values[3, 0] = 1
    viewer = Viewer(cube, [overlay(values, format=3)])
    first = shown(viewer, 1)[0, 7]
    press(viewer, "right")
    np.testing.assert_array_equal(shown(viewer, 1)[0, 7], first)
    assert viewer.figure.legends[0].get_texts()[0].get_text() == "class 2"


def test_confidence_has_a_colour_bar_from_0_to_1(cube, overlay, codes):
    sure = np.linspace(0.2, 0.9, 504).reshape(7, 8, 9)
    first = overlay(codes, legend=LEGEND, format=3)
    viewer = Viewer(cube, [first, overlay(sure, name="confidence")])
    press(viewer, "o")
    image = viewer.figure.axes[0].images[1]
    assert image.get_clim() == (0, 1)
    assert image.get_alpha() == 0.45
    np.testing.assert_allclose(image.get_array(), sure[3].T, rtol=1e-6)
    assert viewer.figure.axes[1].get_ylabel() == "confidence.sgy"
    press(viewer, "a", "a")
    np.testing.assert_allclose(shown(viewer, 1), sure[:, :, 4], rtol=1e-6)


def test_missing_traces_stay_white_and_bare(make, ragged, overlay, codes, amplitude):
    with open_segy(make(live=ragged)) as cube:
        viewer = Viewer(cube, [overlay(codes, legend=LEGEND, format=3)])
        press(viewer, "right")
    assert np.isnan(shown(viewer)[:, 5]).all()
    assert (shown(viewer, 1)[:, 5, 3] == 0).all()
    assert np.isfinite(shown(viewer)[:, 6]).all()


def test_points_lie_on_their_slice_in_the_colour_of_their_class(cube, overlay, codes):
    positions = np.array([[3, 2, 4], [3, 7, 0], [4, 1, 1], [3, 5, 4]])
    labels = Labels(positions, np.array([0, 1, 0, 0]), Legend.of(["salt", "sand"]))
    viewer = Viewer(cube, [overlay(codes, legend=LEGEND, format=3)], points=labels)
    salt, sand = viewer.figure.axes[0].lines
    np.testing.assert_array_equal(salt.get_xydata(), [[302, 28], [305, 28]])
    np.testing.assert_array_equal(sand.get_xydata(), [[307, 12]])
    assert to_rgb(salt.get_color()) == to_rgb(LEGEND.colours[1])
    names = [text.get_text() for text in viewer.figure.legends[0].get_texts()]
    assert names == ["chalk", "salt", "shale", "sand"]
    press(viewer, "a", "a")
    lines = viewer.figure.axes[0].lines
    np.testing.assert_array_equal(lines[0].get_xydata(), [[302, 106], [305, 106]])


def test_help_comes_and_goes(cube):
    viewer = Viewer(cube)
    press(viewer, "h")
    assert "opacity" in viewer.figure.axes[0].texts[0].get_text()
    press(viewer, "h")
    assert not viewer.figure.axes[0].texts


def test_an_enlarged_region_stays_until_the_axis_changes(cube):
    viewer = Viewer(cube)
    viewer.figure.axes[0].set(xlim=(301, 304), ylim=(30, 20))
    press(viewer, "right", "right")
    assert viewer.figure.axes[0].get_xlim() == (301, 304)
    assert viewer.figure.axes[0].get_ylim() == (30, 20)
    press(viewer, "a")
    assert viewer.figure.axes[0].get_xlim() == (99, 113)


def test_a_picture_needs_no_display(cube, tmp_path):
    path = write_png(tmp_path / "a.png", cube, axis=1, number=304)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OutputError, match=r"a\.png: expected no file there; one exists"):
        write_png(path, cube)
    write_png(path, cube, axis=2, overwrite=True)
    with pytest.raises(ValueError, match=r"crossline between 300 and 307; got 900"):
        write_png(tmp_path / "b.png", cube, axis=1, number=900)
    for name in ("x.txt", "x"):
        with pytest.raises(OutputError, match=r"ends in \.png.* got .*\. Choose x\.png"):
            write_png(tmp_path / name, cube)
    assert [each.name for each in tmp_path.glob("*") if each.name != cube.name] == ["a.png"]


def test_without_a_display_a_picture_is_proposed(cube):
    mpl.use("agg")
    with pytest.raises(OutputError, match=r"a display .*agg.*--png FILE"):
        show(cube)
    assert not pyplot.get_fignums()


WINDOWS = """
from matplotlib.backend_bases import FigureManagerBase, KeyEvent, key_press_handler
from matplotlib.backends.backend_agg import FigureCanvasAgg

seen = []

class Manager(FigureManagerBase):
    @classmethod
    def start_main_loop(cls):
        from matplotlib import pyplot
        canvas = pyplot.gcf().canvas
        for key in ("right", "a", "o", "home", "h", "q"):
            canvas.callbacks.process("key_press_event", KeyEvent("key_press_event", canvas, key))
            seen.append(canvas.figure.axes[0].get_title() if canvas.figure.axes else "")

    def show(self):
        pass

class FigureCanvas(FigureCanvasAgg):
    manager_class = Manager
    required_interactive_framework = None
"""


def test_a_window_takes_keys_until_it_is_closed(cube, tmp_path, monkeypatch):
    (tmp_path / "tfseis_test_windows.py").write_text(WINDOWS)
    monkeypatch.syspath_prepend(tmp_path)
    before = dict(mpl.rcParams)
    pyplot.switch_backend("module://tfseis_test_windows")
    try:
        import tfseis_test_windows

        show(cube, axis=1, number=303)
    finally:
        pyplot.close("all")
        pyplot.switch_backend("agg")
    assert tfseis_test_windows.seen[:4] == [
        "Crossline 304",
        "Time 28 ms",
        "Time 28 ms",
        "Time 12 ms",
    ]
    kept = ("keymap.home", "keymap.zoom", "keymap.back")
    assert [mpl.rcParams[name] for name in kept] == [before[name] for name in kept]
