import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError
from tfseis.io import open_segy
from tfseis.jobs.facies import sections
from tfseis.jobs.facies.sections import (
    Section,
    find_sections,
    live_labels,
    main_axis,
    plane_axes,
    section_volume,
)

PLAIN = Scaling(0.0, 100.0)


def line(axis, index, shape=(7, 8, 9)):
    whole = np.argwhere(np.ones(shape, bool))
    return whole[whole[:, axis] == index]


@pytest.mark.parametrize("axis, index", [(0, 3), (1, 7), (2, 0)])
def test_one_line_is_one_section(axis, index):
    found = find_sections(line(axis, index))
    assert [(s.axis, s.index, len(s.chosen)) for s in found] == [
        (axis, index, 504 // (7, 8, 9)[axis])
    ]


def test_crossing_lines_hold_each_label_once():
    positions = np.unique(np.concatenate([line(0, 2), line(0, 5), line(1, 4)]), axis=0)
    found = find_sections(positions)
    assert {(s.axis, s.index) for s in found} == {(0, 2), (0, 5), (1, 4)}
    assert sorted(np.concatenate([s.chosen for s in found]).tolist()) == list(range(len(positions)))
    for section in found:
        assert (positions[section.chosen, section.axis] == section.index).all()
    assert main_axis(found) == 0


def test_inlines_win_ties():
    assert find_sections(np.array([[3, 4, 5]]))[0].axis == 0
    assert find_sections(np.array([[3, 4, 5], [2, 4, 5]]))[0].axis == 1


def test_scattered_labels_are_refused(monkeypatch):
    monkeypatch.setattr(sections, "MOST_SECTIONS", 4)
    diagonal = np.repeat(np.arange(7)[:, np.newaxis], 3, axis=1)
    assert len(find_sections(diagonal[:4])) == 4
    with pytest.raises(LabelError, match=r"at most 4 .*; 3 of 7 lie on none"):
        find_sections(diagonal)


def test_sections_of_both_kinds_are_refused():
    mixed = [Section(0, 1, np.arange(5)), Section(2, 1, np.arange(5, 8))]
    with pytest.raises(LabelError, match=r"got both, 5 and 3"):
        main_axis(mixed)
    assert main_axis([Section(0, 1, np.arange(2)), Section(1, 1, np.arange(2, 9))]) == 1
    assert main_axis([Section(2, 1, np.arange(2))]) == 2


def test_planes_keep_the_order_of_the_cube():
    assert [plane_axes(axis) for axis in range(3)] == [(1, 2), (0, 2), (0, 1)]


@pytest.mark.parametrize("axis, index", [(0, 6), (1, 0), (2, 4)])
@pytest.mark.parametrize("flat", [True, False])
def test_a_volume_has_the_labelled_amplitude_at_each_label(survey, amplitude, axis, index, flat):
    positions = np.random.default_rng(0).permutation(np.argwhere(amplitude >= 0))
    section = Section(axis, index, np.flatnonzero(positions[:, axis] == index))
    classes = np.arange(len(positions))
    volume = section_volume(
        open_segy(survey), section, (positions, classes), Halo(3, 2), PLAIN, flat=flat
    )
    assert volume.amplitude.ndim == (2 if flat else 3)
    assert volume.classes.tolist() == section.chosen.tolist()
    there = volume.amplitude[tuple(volume.positions.T + 3)]
    wanted = amplitude[tuple(positions[section.chosen].T)]
    np.testing.assert_allclose(there * 100, wanted, rtol=1e-6)


def test_labels_on_what_was_not_recorded_are_known(make, amplitude, ragged):
    amplitude += 1
    amplitude[5, 6] = 0
    amplitude[3, 2, 1] = np.nan
    cube = open_segy(make(live=ragged))
    positions = np.random.default_rng(0).permutation(np.argwhere(np.ones(amplitude.shape, bool)))
    dead = np.broadcast_to(~ragged[..., None], amplitude.shape).copy()
    dead[5, 6] = dead[3, 2, 1] = True
    for axis in range(3):
        some = [
            Section(axis, i, np.flatnonzero(positions[:, axis] == i))
            for i in range(amplitude.shape[axis])
        ]
        alive = live_labels(cube, some, positions)
        np.testing.assert_array_equal(alive, ~dead[tuple(positions.T)])
