"""Files of interpretation systems: rows of nodes are read, grids and objects are named."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tfseis.errors import LabelError
from tfseis.io import read_horizon, read_labels, write_horizon
from tfseis.io.labels.horizons import Horizon
from tfseis.io.labels.recognised import label_kind


@pytest.fixture
def dipping(geometry):
    inline, crossline = np.indices(geometry.shape[:2])
    return 16.0 + 2 * inline + crossline


def rows(geometry, times, form):
    lines = []
    for i, j in np.ndindex(times.shape):
        il, xl = 100 + 2 * i, 300 + j
        x, y = geometry.to_map(il, xl)
        lines.append(form.format(il=il, xl=xl, x=x, y=y, z=times[i, j], n=len(lines)))
    return "\n".join(lines) + "\n"


PETREL = (
    "# Petrel Points with attributes\n# Unit in X and Y direction: m\n# Unit in depth: ms\n"
    "VERSION 1\nBEGIN HEADER\nX\nY\nZ\nFLOAT,Amplitude 2\nEND HEADER\n"
)
IESX = (
    "PROFILE Top 2            TYPE 1  4            3d_ci7m.ifdf     m ms\n"
    "SNAPPING PARAMETERS 5     0 1\n"
)
EARTHVISION = (
    "# Type: scattered data\n# Version: 6\n# Field: 1 x meters\n# Field: 2 y meters\n"
    "# Field: 3 z ms\n# Field: 4 column\n# Field: 5 row\n# Grid_size: 7 x 8\n# End:\n"
)
ZMAP = (
    "!\n! exported\n@POINTS HEADER, DATA, 80, 1\nX (EASTING), 1, 1, 1\nY (NORTHING), 2, 1, 1\n"
    "Z VALUE, 3, 1, 1\n@\n"
)
OPENWORKS = "@File_Version: 4\n@Number_of_Projects 1\n#End_of_Horizon_ASCII_Header_\n"


@pytest.mark.parametrize(
    "parts",
    [
        (PETREL, "{x:.2f} {y:.2f} -{z:.2f} 0.5", ""),
        (
            IESX,
            "{x:.8E}{y:.8E}  0 14 {z:8.2f} {xl:9.2f} {xl:9.2f} {xl:4d} 1.0000000E+00 I {il:6d} XX",
            "EOD\n",
        ),
        (IESX, "{x:.2f} {y:.2f} {z:.2f} {il} {xl}", "EOD\n"),
        (EARTHVISION, "{x:.2f} {y:.2f} {z} 1 {n}", ""),
        (ZMAP, "{x:.2f} {y:.2f} {z}", ""),
        (OPENWORKS, " {il}.0 {xl}.0 {x:.5f} {y:.5f} {z:.5f}", "EOD\n"),
        ("Horizon Top Chalk 2\nLine Trace X Y Time\n", "{il} {xl} {x:.1f} {y:.1f} {z:.2f}", ""),
        ("Horizon Top 2 3\n", "{il} {xl} {z}", ""),
        ("FFASCI 0 1 COMPUTED 0 0.1E+31\nFFATTR 0 1\n->Top 2\n", "{x:.2f} {y:.2f} {z}", ""),
        ("# Horizon: Top\n", "{il} {xl} {z}", "Total 56 points\n"),
        ("", "INLINE : {il:6d} XLINE : {xl:6d} {x:16.2f} {y:16.2f} {z:12.4f}", "EOD\n"),
        ("", '"Top 2" {il} {xl} {z}', "EOD\n"),
        ('# "Inline"\t"Crossline"\t"Z"\n# - -\n', '"Top_2"\t{il}\t{xl}\t{z}', ""),
        ("# Crossline Inline Z\n", "Top {xl} {il} {z}", ""),
        ("", "{x:.6f} {y:.6f} {z:.6f}", ""),
    ],
)
def test_horizons_are_recognised_and_read(file, geometry, dipping, parts):
    header, form, footer = parts
    path = file("top.dat", header + rows(geometry, dipping, form) + footer)
    assert label_kind(path, geometry) == "horizon"
    horizon = read_horizon(path, geometry)
    assert (horizon.outside, horizon.undefined) == (0, 0)
    assert_allclose(horizon.times, dipping, atol=0.01)


@pytest.mark.parametrize(
    "text, name",
    [
        ("FSASCI 0 1 COMPUTED 0 1E30\nFSATTR 0 0\n1 2 3\n", "a CPS-3 grid"),
        ("! Kingdom\n@TOP HEADER, GRID, 5\n15, -99999.0, , 4, 1\n@\n1 2 3\n", "a Zmap. grid"),
        ("-996 3 25.0 25.0\n0.0 50.0 0.0 50.0\n3 0.0 0.0 0.0\n1 2 3\n", "an Irap classic grid"),
        ("DSAA\n3 2\n0 1\n0 1\n0 1\n1 2 3\n", "a Surfer grid"),
        ("ncols 3\nnrows 2\n1 2 3\n", "an ESRI grid"),
        ("GOCAD TSurf 1\nHEADER {\nname:a\n}\nVRTX 1 1 2 3\nEND\n", "a GOCAD object"),
        ("~VERSION INFORMATION\nVERS. 2.0\n1 2 3\n", "a LAS file"),
    ],
)
@pytest.mark.parametrize("ending", [".dat", ".hor", ".pts", ".sticks"])
def test_what_holds_no_nodes_is_named(file, geometry, text, name, ending):
    with pytest.raises(LabelError, match=rf"a\{ending}: expected .*; this is {name}.*Export it as"):
        read_labels([file(f"a{ending}", text)], geometry)


def test_a_petrel_file_in_another_unit_is_refused(file, geometry, dipping):
    text = PETREL.replace("depth: ms", "depth: m") + rows(geometry, dipping, "{x} {y} {z} 1")
    with pytest.raises(LabelError, match=r"times in ms or s, .* the file states m\. .*--unit ms"):
        read_horizon(file("a.dat", text), geometry)
    assert_allclose(read_horizon(file("a.dat", text), geometry, unit="ms").times, dipping, atol=0.1)


def test_several_horizons_in_one_file_are_refused(file, geometry, dipping):
    one = IESX + rows(geometry, dipping, "{x:.8E}{y:.8E} 0 14 {z} 1 1 1 1 I 1 XX") + "EOD\n"
    with pytest.raises(LabelError, match=r"a.dat: expected one horizon; got 2, .*of IESX\. Split"):
        read_horizon(file("a.dat", one + one), geometry)


def test_horizons_of_several_names_in_one_file_are_refused(file, geometry, dipping):
    rows_of_two = [rows(geometry, dipping, f'"{name}"\t{{il}}\t{{xl}}\t{{z}}') for name in "AB"]
    path = file("a.dat", '# "Inline"\t"Crossline"\t"Z"\n' + "".join(rows_of_two))
    with pytest.raises(LabelError, match="expected one horizon; got 2, among them A, B"):
        read_labels([path], geometry)


def test_own_horizons_are_recognised(tmp_path, geometry):
    times = np.full((7, 8), np.nan)
    times[[0, 3], [2, 5]] = 20.0  # two nodes, which say nothing by themselves
    write_horizon(tmp_path / "a.dat", Horizon("a", times), geometry)
    assert label_kind(tmp_path / "a.dat", geometry) == "horizon"
