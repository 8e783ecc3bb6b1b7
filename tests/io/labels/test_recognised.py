"""Kinds by form, by titles and by what the user says; what is open is asked about."""

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.io import read_labels
from tfseis.io.labels.recognised import label_kind


def scattered(seed, count=20):
    """Points on different traces, in no order."""
    random = np.random.default_rng(seed)
    traces = random.permutation(56)[:count]
    times = random.integers(0, 9, count)
    return "".join(
        f"{100 + 2 * (trace // 8)},{300 + trace % 8},{12 + 4 * time}\n"
        for trace, time in zip(traces, times, strict=True)
    )


def nodes(outer, inner, form="{0} {1} 20\n"):
    return "".join(form.format(one, other) for one in outer for other in inner)


def test_scattered_points_are_no_horizons(file, geometry):
    files = [file(f"{name}.csv", "inline,crossline,time\n" + scattered(0)) for name in "ab"]
    message = r"a.csv: .*rows of inline crossline time, which may be points or horizon. Say which"
    with pytest.raises(LabelError, match=message):
        read_labels(files, geometry)
    points = read_labels(files[:1], geometry, kind={"a.csv": "points"})
    assert len(points) == 20
    assert points.notes[0].startswith("a.csv: points; inline crossline time; ms; 20 points")


def test_a_column_of_classes_is_no_number_of_sticks(file, geometry):
    rows = [f"{row},{1 + k // 7}" for k, row in enumerate(scattered(1).split())]
    path = file("all.csv", "inline,crossline,time,class\n" + "\n".join(rows))
    labels = read_labels([path], geometry)
    assert labels.legend.codes == (1, 2, 3)
    assert np.bincount(labels.classes).tolist() == [7, 7, 6]
    with pytest.raises(LabelError, match="behind the time, which may be points, sticks or polygon"):
        read_labels([file("b.csv", "\n".join(rows))], geometry)
    assert len(read_labels([file("b.csv", "\n".join(rows))], geometry, kind="points")) == 20


@pytest.mark.parametrize(
    "text, kind",
    [
        (nodes(range(100, 114, 2), range(300, 308)), "horizon"),
        (nodes(range(300, 308), range(100, 114, 2), "{1} {0} 20\n"), "horizon"),
        (
            "".join(f"{i} {x} 20\n" for i in range(90, 120, 6) for x in range(290, 330, 4)),
            "horizon",
        ),
        (
            "".join(
                f"{i} {x} 20\n" for i in range(100, 114, 2) for x in range(300, 308) if (i + x) % 7
            ),
            "horizon",
        ),
        ("100 300 12\n100 300 16\n100 300 20\n", "points"),
        ("# sticks\n100 300 12\n102 300 16\n", "sticks"),
        ("# Horizon: a\n100 300 12\n102 301 16\n", "horizon"),
        ("# points\n100 300 12\n102 301 16\n", "points"),
        ("# Polygons\n100 300 12\n102 301 16\n", "polygon"),
        ("x,y,z,stick\n1,2,3,4\n", "sticks"),
        ("polygon,x,y,z\n1,2,3,4\n", "polygon"),
        ("inline,crossline,time,facies\n100,300,12,4\n", "points"),
    ],
)
def test_form_and_titles_say_the_kind(file, geometry, text, kind):
    assert label_kind(file("a.txt", text), geometry) == kind


@pytest.mark.parametrize(
    "text, open_kinds",
    [
        ("100 300 12\n102 303 16\n", "points or horizon"),
        ("".join(f"104 {x} 20\n" for x in range(300, 308)), "points or horizon"),
        ("100 300 12\n102 303 16\n\n104 303 16\n106 301 12\n", "sticks or polygon"),
        ("->a\n100 300 12\n102 303 16\n->b\n104 303 16\n106 301 12\n", "sticks or polygon"),
        ("100 300 12\n102 303 16\n999 999 999\n104 303 16\n106 301 12\n", "sticks or polygon"),
        ("100 300 12 1\n102 303 16 1\n104 303 16 2\n", "points, sticks or polygon"),
        ("A 100 300 12\nB 102 303 16\n", "sticks or points"),
    ],
)
def test_open_kinds_are_asked_about(file, geometry, text, open_kinds):
    path = file("a.txt", text)
    first = open_kinds.split(" or ", maxsplit=1)[0].split(",")[0]
    message = rf"which may be {open_kinds}\. Say which: --kind a.txt={first} \(kind='{first}'\)"
    with pytest.raises(LabelError, match=message):
        label_kind(path, geometry)


def test_a_horizon_alone_may_be_a_class(file, geometry):
    text = "".join(f"{i} {x} {t}\n" for i, x, t in [(100, 300, 21), (100, 301, 23), (100, 302, 60)])
    labels = read_labels([file("top.hor", text)], geometry, kind="surface")
    assert labels.legend.names == ("top",)
    assert labels.positions.tolist() == [[0, 0, 2], [0, 1, 3]]


def test_every_file_has_a_line_that_says_how_it_was_taken(file, geometry):
    grid = [(i, x) for i in range(100, 114, 2) for x in range(300, 309)]
    file("b.dat", "".join(f"{i} {x} 0.02\n" for i, x in grid) + "100 307 1e30\n")
    file("c.hor", "".join(f"{i} {x} -36\n" for i, x in grid))
    file("d.sticks", "100 300 12 0\n100 300 16 0\n112 307 12 1\n112 307 16 1\n")
    file("a.poly", "Inline Crossline Time\n104 300 40\n104 302 40\n104 302 44\n104 300 44\n")
    folder = file("e.pts", "104 305 40\n120 305 40\n").parent
    names = ("b.dat", "c.hor", "d.sticks", "a.poly", "e.pts")
    assert read_labels([folder / name for name in names], geometry).notes == (
        "a.poly: polygon; inline crossline time; ms; 1 polygon of 4 vertices; 6 samples labelled",
        "d.sticks: sticks; inline crossline time; ms; 2 sticks of 4 nodes; 4 samples labelled",
        "e.pts: points; inline crossline time; ms; 2 points; 1 sample labelled; "
        "left out: 1 outside the cube",
        "b.dat: horizon; inline crossline time; s; 64 nodes; "
        "left out: 7 outside the survey, 1 undefined",
        "c.hor: horizon; inline crossline time; ms, negative upwards; 63 nodes; "
        "left out: 7 outside the survey",
        "b to c: 224 samples labelled",
    )
