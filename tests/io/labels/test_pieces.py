"""Where sticks and polygons end, by what each format says."""

from dataclasses import replace

import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import LabelError
from tfseis.io import read_faults, read_horizon, read_polygon, read_polygons, read_sticks
from tfseis.io.labels.recognised import label_kind

# fault, stick, inline, crossline, time
NODES = [
    *((1, 0, 100, 301, 12.0), (1, 0, 100, 303, 28.0), (1, 0, 100, 304, 44.0)),
    *((1, 1, 104, 302, 16.0), (1, 1, 104, 305, 40.0)),
    *((2, 0, 108, 301, 12.0), (2, 0, 108, 302, 20.0)),
    *((2, 1, 112, 306, 12.0), (2, 1, 112, 306, 24.0), (2, 1, 112, 307, 44.0)),
]
SIZES = [3, 2, 2, 3]


def rows(geometry, form, before="", after=""):
    """The sticks, with a line before and behind each."""
    lines, last, node = [], None, 0
    for fault, stick, il, xl, t in NODES:
        x, y = geometry.to_map(il, xl)
        node = node + 1 if (fault, stick) == last else 0
        if node == 0:
            lines += [after] * bool(after and last) + [before] * bool(before)
        last = fault, stick
        size = SIZES[2 * fault - 2 + stick]
        kind = 6 if node == 0 else 8 if node == size - 1 else 7
        values = {"f": fault, "s": stick, "k": 2 * fault - 2 + stick, "n": node, "p": kind}
        lines.append(form.format(il=il, xl=xl, t=t, x=f"{x:.2f}", y=f"{y:.2f}", **values))
    return "\n".join([*lines, *[after] * bool(after)]) + "\n"


FORMS = [
    ("{x} {y} {t} Fault{f} {s}", "", ""),
    ("{x} {y} {t} Main Fault {f} {s}", "", ""),
    ("{il} {xl} {t} Fault{f} {s}", "", ""),
    ("{x} {y} {t} Fault{f} {s} {n}", "", ""),
    ('"Fault {f}"\t{il}\t{xl}\t{t}\t{s}\t{n}', "", ""),
    ("{il}\t{xl}\t{t}\t{s}\t{n}", "", ""),
    ("{x}\t{y}\t{t}\t{k}\t{n}", "", ""),
    ("{x} {y} {t} {p} {f} {s}", "", ""),
    ("{x} {y} {t} {f} {s} {p}", "", ""),
    ("INLINE- {il} {xl} {x} {y} {t} Fault{f} {s}", "", ""),
    ("INLINE- {il} {xl} {x} {y} {t} Main Fault {f} {s}", "", ""),
    ("XLINE-  {il} {xl} {x} {y} {t} Fault{f} {s}", "", ""),
    ("CROSSLINE- {il} {xl} {x} {y} {t} F {f} {s}", "", ""),
    ("INLINE- 0 0 {x} {y} {t} Fault{f} {s}", "", ""),
]
SEPARATED = [
    ("{il} {xl} {t}", "", ""),
    ("{x} {y} {t}", "->stick", ""),
    ("{x} {y} {t}", "> -Z1", ""),
    ("{x} {y} {t}", "", "999.000000 999.000000 999.000000"),
    ("{x} {y} {t} {f}", "", "999.0 999.0 999.0 0"),
]


@pytest.mark.parametrize(
    "form, before, after", [*FORMS, *SEPARATED[1:], ("{il} {xl} {t}", " ", "")]
)
def test_sticks_end_where_the_format_says(file, geometry, form, before, after):
    text = rows(geometry, form, before, after).replace("\n \n", "\n\n")
    sticks = read_sticks(file("a.sticks", text), geometry)
    assert [len(nodes) for nodes in sticks.nodes] == SIZES
    first = [nodes[0] for nodes in sticks.nodes]
    assert_allclose(first, [NODES[i][2:] for i in (0, 3, 5, 7)], atol=0.01)


@pytest.mark.parametrize("form, before, after", FORMS)
def test_such_sticks_are_recognised(file, geometry, form, before, after):
    path = file("a.dat", rows(geometry, form, before, after))
    if "{k}" in form or "{s}\t{n}" in form or "{p}" in form or "Fault" in form or "-" in form:
        assert label_kind(path, geometry) == "sticks"


@pytest.mark.parametrize(
    "titles, form",
    [
        ("x,y,z,fault,stick", "{x},{y},{t},F{f},{s}"),
        ('# "Inline"\t"Crossline"\t"Z"', '"Fault {f}"\t{il}\t{xl}\t{t}\t{s}\t{n}'),
        ("# X Y Z", "{x} {y} {t} Fault{f} {s}"),
        ("stick_id,inline,crossline,time", "{k},{il},{xl},{t}"),
        ("Fault name;Stick number;Node;X;Y;Z", "Main {f};{s};{n};{x};{y};{t}"),
        ("inline,crossline,time,stick,node", "{il},{xl},{t},{s},{n}"),
        ("inline,crossline,x,y,twt,segment id,name", "{il},{xl},{x},{y},{t},{s},F{f}"),
    ],
)
def test_titles_name_sticks(file, geometry, titles, form):
    text = f"{titles}\n" + rows(geometry, form)
    sticks = read_sticks(file("a.sticks", text), geometry)
    assert [len(nodes) for nodes in sticks.nodes] == SIZES


def test_rows_of_one_stick_may_stand_apart_where_the_fault_is_named(file, geometry):
    lines = rows(geometry, "{x} {y} {t} Fault{f} {s}").splitlines()
    apart = lines[0::2] + lines[1::2]
    sticks = read_sticks(file("a.sticks", "\n".join(apart)), geometry)
    assert [len(nodes) for nodes in sticks.nodes] == SIZES


def test_remarks_behind_some_rows_do_not_divide_a_stick(file, geometry):
    text = "104 301 12 checked\n104 303 24\n104 304 44 not sure\n"
    assert len(read_sticks(file("a.sticks", text), geometry).nodes) == 1


def test_charisma_rows_are_placed_one_by_one(file, geometry):
    lines = rows(geometry, "INLINE- {il} {xl} {x} {y} {t} Fault{f} {s}").splitlines()
    whole = read_faults([file("a.sticks", "\n".join(lines))], geometry)
    mixed = [
        line if "Fault1" in line else " ".join(["INLINE- 0 0", *line.split()[3:]]) for line in lines
    ]
    found = read_faults([file("a.sticks", "\n".join(mixed))], geometry)
    assert_array_equal(found.positions, whole.positions)
    bare = [
        line if "Fault2" in line else " ".join([*line.split()[:3], "0 0", *line.split()[5:]])
        for line in lines
    ]
    assert_array_equal(
        read_faults([file("a.sticks", "\n".join(bare))], geometry).positions, whole.positions
    )


def test_negative_line_numbers_of_charisma(file, geometry):
    below = replace(geometry, inlines=replace(geometry.inlines, first=-30))
    text = "INLINE-   -28.00   301 0 0 12.0 F 1\nINLINE-   -28.00   301 0 0 20.0 F 1\n"
    (nodes,) = read_sticks(file("a.sticks", text), below).nodes
    assert nodes.tolist() == [[-28, 301, 12], [-28, 301, 20]]
    path = file("a.hor", "INLINE : -28 XLINE : 301 0 0 20.0\n")
    assert read_horizon(path, below).times[1, 1] == 20


def test_attributes_behind_the_time_are_no_sticks(file, geometry):
    with pytest.raises(LabelError, match=r"number of the stick behind the time, .*--columns"):
        read_sticks(file("a.sticks", "104 301 12 0.53\n104 303 24 0.71\n"), geometry)
    text = "104 301 12 0.53\n104 303 24 0.71\n\n108 301 12 0.3\n108 302 20 0.7\n"
    sticks = read_sticks(file("a.sticks", text), geometry)
    assert [len(nodes) for nodes in sticks.nodes] == [2, 2]
    columns = "inline,crossline,time"
    assert (
        len(
            read_sticks(
                file("a.sticks", "104 301 12 0.53\n104 303 24 0.71\n"), geometry, columns=columns
            ).nodes
        )
        == 1
    )


SQUARES = "{a} 301 16{i}\n{a} 304 16{i}\n{a} 304 32{i}\n{a} 301 32{i}\n"


@pytest.mark.parametrize(
    "between", ["\n", ">\n", "-> two\n", "->\n", "999 999 999\n", "999.0 999.0 999.0\n"]
)
def test_polygons_end_where_the_format_says(file, geometry, between):
    one = read_polygons(
        [file("a.poly", SQUARES.format(a=102, i="") + "\n" + SQUARES.format(a=108, i=""))], geometry
    )
    text = (
        SQUARES.format(a=102, i="")
        + between
        + SQUARES.format(a=108, i="")
        + (between if "999" in between else "")
    )
    path = file("a.poly", text)
    assert [len(area.vertices) for area in read_polygon(path, geometry)] == [4, 4]
    assert_array_equal(read_polygons([path], geometry).positions, one.positions)


@pytest.mark.parametrize(
    "ids", [(" 1", " 2"), (" 7", " 3"), (" salt_1", " salt_2"), (" 1 0.5", " 2 0.1")]
)
def test_polygons_end_where_the_number_or_name_changes(file, geometry, ids):
    text = SQUARES.format(a=102, i=ids[0]) + SQUARES.format(a=108, i=ids[1])
    assert [len(area.vertices) for area in read_polygon(file("a.poly", text), geometry)] == [4, 4]


def test_titles_name_polygons_also_on_the_map(file, geometry):
    text = "# time 16 24\npolygon,inline,crossline\n"
    text += "".join(
        f"{n},{a},{b}\n" for n in (1, 2) for a, b in ((100, 300), (104, 300), (104, 304))
    )
    first, second = read_polygon(file("a.csv", text), geometry)
    assert (len(first.vertices), len(second.vertices), first.times) == (3, 3, (16, 24))
    assert label_kind(file("a.csv", text), geometry) == "polygon"


def test_a_third_column_below_a_depth_is_asked_about(file, geometry):
    text = "# time 16 24\n100 300 1\n104 300 1\n104 304 1\n106 300 2\n110 300 2\n110 304 2\n"
    with pytest.raises(LabelError, match="expected two columns below '# time 16 24'; got '100 300"):
        read_polygon(file("a.poly", text), geometry)
    areas = read_polygon(file("a.poly", text), geometry, columns="inline,crossline,polygon")
    assert [len(area.vertices) for area in areas] == [3, 3]


def test_a_count_of_vertices_is_no_number_of_polygons(file, geometry):
    text = "102 301 16 1\n102 304 16 2\n102 304 32 3\n102 301 32 4\n"
    with pytest.raises(
        LabelError, match=r"the same for three vertices or more; got '102 301 16 1'"
    ):
        read_polygon(file("a.poly", text), geometry)
    assert len(read_polygon(file("a.poly", text), geometry, columns="inline,crossline,time")) == 1


def test_rounded_coordinates_of_corners_lie_on_traces(file, geometry):
    one = read_polygons([file("a.poly", SQUARES.format(a=102, i=""))], geometry)
    lines = []
    for line in SQUARES.format(a=102, i="").splitlines():
        il, xl, t = map(float, line.split())
        x, y = geometry.to_map(il, xl)
        lines.append(f"{x + 0.04:.2f} {y - 0.04:.2f} {t}")
    found = read_polygons([file("a.poly", "\n".join(lines))], geometry)
    assert_array_equal(found.positions, one.positions)
