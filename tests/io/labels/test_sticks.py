from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tfseis.errors import GeometryError, LabelError
from tfseis.io.labels.sticks import Sticks, read_faults, read_sticks, stick_positions, write_sticks

SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NODES = [(104, 301, 12.0), (104, 303, 24.0), (104, 304, 44.0), (108, 302, 16.0), (108, 305, 40.0)]
STICK = [1, 1, 1, 2, 2]


@pytest.fixture
def file(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return written


def rows(geometry, form, between=""):
    """The two sticks in one of the forms."""
    lines, last = [], 1
    for node, ((il, xl, z), stick) in enumerate(zip(NODES, STICK, strict=True)):
        x, y = geometry.to_map(il, xl)
        if stick != last:
            lines.append(between)
        lines.append(form.format(il=il, xl=xl, x=x, y=y, z=z, s=z / 1000, stick=stick, node=node))
        last = stick
    return "\n".join(lines)


@pytest.mark.parametrize(
    "form, between",
    [
        ("INLINE- {il:6d} {xl:6d} {x:14.2f} {y:14.2f} {z:10.4f} Fault_A {stick}", ""),
        ("INLINE-{il} {xl} {x} {y} {z} Main Fault {stick}", ""),
        ('INLINE -  {il} {xl} {x} {y} {z} "Main Fault" {stick}\r', ""),
        ("INLINE :{il} XLINE :{xl} {x} {y} {z} F {stick}", ""),
        ("INLINE-\t0\t0\t{x}\t{y}\t{z}\tF1\t{stick}", ""),
        ("{x}\t{y}\t{z}\t{stick}\t{node}", ""),
        ("{il}\t{xl}\t{z}\t{stick}\t{node}", ""),
        ("{il} {xl} {s} {stick}", ""),
        ("{il},{xl},-{z},{stick},{node},Line 7", ""),
        ("{x} {y} {z}", "\n"),
        ("{il} {xl} {z}", ">"),
    ],
)
def test_common_forms(file, geometry, form, between):
    sticks = read_sticks(file("main.dat", rows(geometry, form, between)), geometry)
    assert sticks.name == "main"
    assert [len(nodes) for nodes in sticks.nodes] == [3, 2]
    assert_allclose(np.concatenate(sticks.nodes), NODES, atol=1e-2)


def test_titles_and_comments_are_no_nodes(file, geometry):
    text = "# sticks\nCrossline Inline Z Stick\n303 104 24 0\n304 104 44 0\n"
    (nodes,) = read_sticks(file("a.dat", text), geometry).nodes
    assert nodes.tolist() == [[104, 303, 24], [104, 304, 44]]


def test_rows_of_two_faults_may_alternate(file, geometry):
    text = (
        "INLINE- 104 301 0 0 12 A 1\nINLINE- 108 302 0 0 16 B 1\n"
        "INLINE- 104 304 0 0 44 A 1\nINLINE- 108 305 0 0 40 B 1\n"
    )
    nodes = read_sticks(file("a.dat", text), geometry).nodes
    assert [stick[:, 1].tolist() for stick in nodes] == [[301, 304], [302, 305]]


def test_a_mask_is_thin_and_joins_the_nodes(geometry):
    sticks = Sticks("a", (np.array([[104, 301, 12.0], [104, 301, 44.0]]),))
    assert stick_positions(sticks, geometry).tolist() == [[2, 1, k] for k in range(9)]
    slanting = Sticks("b", (np.array([[100, 300, 12.0], [112, 306, 36.0]]),))
    assert stick_positions(slanting, geometry).tolist() == [[k, k, k] for k in range(7)]


@SMALL
@given(
    st.lists(
        st.tuples(st.floats(95, 115), st.floats(297, 310), st.floats(0, 60)), min_size=1, max_size=5
    )
)
def test_masks_are_connected_and_hold_their_nodes(geometry, nodes):
    wide = replace(
        geometry,
        inlines=replace(geometry.inlines, first=80, count=30),
        crosslines=replace(geometry.crosslines, first=290, count=31),
        samples=replace(geometry.samples, first=-4, count=21),
    )
    found = stick_positions(Sticks("a", (np.array(nodes),)), wide)
    corners = [[int(a.indices(n)) for a, n in zip(wide.axes, node, strict=True)] for node in nodes]
    assert {tuple(corner) for corner in corners} <= {tuple(place) for place in found.tolist()}
    longest = sum(
        max(abs(a - b) for a, b in zip(one, other, strict=True)) for one, other in pairwise(corners)
    )
    assert len(found) <= longest + 1
    reached, left = {tuple(found[0])}, {tuple(place) for place in found[1:].tolist()}
    while left:
        near = {p for p in left if any(max(abs(np.subtract(p, q))) <= 1 for q in reached)}
        assert near
        reached, left = near, left - near


def test_sticks_are_cut_at_the_edge_of_the_cube(geometry):
    sticks = Sticks("a", (np.array([[104, 301, -400.0], [104, 301, 400.0]]),))
    assert stick_positions(sticks, geometry).tolist() == [[2, 1, k] for k in range(9)]


@SMALL
@given(
    st.lists(
        st.lists(
            st.tuples(st.floats(100, 112), st.floats(300, 307), st.floats(12, 44)),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["charisma", "opendtect"]),
)
def test_sticks_come_back_as_they_were(tmp_path, geometry, sticks, form):
    path = tmp_path / "main fault.dat"
    written = Sticks("main fault", tuple(np.array(nodes) for nodes in sticks))
    write_sticks(path, written, geometry, form=form, overwrite=True)
    again = read_sticks(path, geometry)
    assert len(again.nodes) == len(sticks)
    for nodes, expected in zip(again.nodes, written.nodes, strict=True):
        assert_allclose(nodes, expected, atol=0.01)  # half a bin is 1, 0.5 and 2


def test_each_file_is_a_class(file, geometry):
    paths = [
        file("b.sticks", "100 300 12 0\n100 300 20 0\n"),
        file("a.sticks", "112 307 12 0\n112 307 16 0\n"),
    ]
    labels = read_faults(paths, geometry)
    assert labels.legend.names == ("a", "b")
    assert labels.classes.tolist() == [0, 0, 1, 1, 1]
    assert labels.positions[2:].tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 2]]


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "INLINE- 104 301 0 0 12 A 1\nINLINE- 104 301 0 0 x A 1\n",
            "line 2: expected inline crossl",
        ),
        (
            "INLINE- 104 301 0 0 12 A 1\nINLINE- 104 301 0 0 14 A\n",
            "line 2: .* time name stick; got",
        ),
        ("104 301 12 0\n104 y 12 0", "line 2: expected inline crossline time stick, or x y time"),
        ("104 301 1e30 0\n", "line 1: expected inline crossline time stick"),
        (
            "904 301 12 0\n905 301 12 0",
            r"a\.dat: expected sticks inside .*got none, the first node is 904",
        ),
        ("104 301 900 0\n104 302 900 0", "expected sticks inside the survey, .* unit of the times"),
        ("", "a.dat holds no points"),
    ],
)
def test_what_are_no_sticks_of_this_cube_is_refused(file, geometry, text, message):
    with pytest.raises(LabelError, match=message):
        read_faults([file("a.dat", text)], geometry)


def test_the_rest_is_refused(file, geometry, tmp_path):
    x, y = geometry.to_map(104, 306)
    with pytest.raises(LabelError, match="line 1 holds line numbers, line 2 map coordinates"):
        read_sticks(file("a.dat", f"104 301 12 0\n{x} {y} 20 0\n"), geometry)
    with pytest.raises(LabelError, match="at least one file of fault sticks; got none"):
        read_faults([], geometry)
    sticks = Sticks("a", (np.array([[104, 301, 12.0]]),))
    with pytest.raises(LabelError, match="a form among charisma, opendtect; got 'petrel'"):
        write_sticks(tmp_path / "b.dat", sticks, geometry, form="petrel")
    with pytest.raises(GeometryError, match="Expected map coordinates"):
        write_sticks(tmp_path / "b.dat", sticks, replace(geometry, affine=None))
