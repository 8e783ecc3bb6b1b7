import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.data.synthetic import facies_survey
from tfseis.errors import LabelError, ModelError
from tfseis.io import ArrayCube, open_segy
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies import sections
from tfseis.jobs.facies.sections import (
    Section,
    check_memory,
    find_sections,
    live_labels,
    main_axis,
    plane_axes,
    section_volume,
)
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.survey import Survey

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


@pytest.mark.parametrize("flat", [True, False])
def test_slabs_that_do_not_fit_in_memory_are_refused_before_they_are_read(
    survey, amplitude, flat, monkeypatch
):
    """Two inlines with 3 and 2 samples around: (12 or 1) x 13 x 14 samples of 14 bytes each."""
    cube, halo = open_segy(survey), Halo(3, 2)
    some = [Section(0, index, np.arange(1)) for index in (1, 4)]
    read = [
        section_volume(
            cube, one, (np.array([[one.index, 0, 0]]), np.zeros(1)), halo, PLAIN, flat=flat
        )
        for one in some
    ]
    needed = sum(volume.amplitude.size for volume in read) * 14
    monkeypatch.setattr(sections, "machine_memory", lambda: needed)
    check_memory(cube, some, halo, flat=flat)
    monkeypatch.setattr(sections, "machine_memory", lambda: needed - 1)
    message = r"expected labelled lines that fit in memory .*; got .* on 2 sections\. Lower the"
    with pytest.raises(ModelError, match=message):
        check_memory(cube, some, halo, flat=flat)
    monkeypatch.undo()
    large = type("Large", (), {"shape": (100_000, 50_000, 4000), "name": "large"})
    check_memory(large, [Section(0, 5, np.arange(1))], halo, flat=True)
    with pytest.raises(ModelError, match=r"^large: .* 2D network"):
        check_memory(
            large, [Section(0, n, np.arange(1)) for n in range(200)], Halo(64, 64), flat=False
        )


def test_a_survey_is_checked_before_its_volumes_are_read(monkeypatch):
    made = facies_survey((5, 20, 16), seed=0)
    positions = np.argwhere(np.arange(5)[:, None, None] + np.zeros((20, 16)) == 2)
    labels = Labels(positions, np.arange(320) % 2, Legend.of(("a", "b")))
    settings = FaciesSettings(network="patch", layout="cna cnap", filters=(3, 4), crop_size=8)
    monkeypatch.setattr(sections, "machine_memory", lambda: 27 * 23 * 14 - 1)
    with pytest.raises(ModelError, match=r"on 1 section\. Lower"):
        Survey.of(ArrayCube(made.amplitude, made.geometry), labels, PLAIN, settings)
