import numpy as np
import pytest

from tfseis.data.synthetic import gaussian_survey, spectral_survey
from tfseis.io import cube_pairs, read_cube, write_cube
from tfseis.jobs.faults.pairs import (
    labelled_cubes,
    pair_dataset,
    pairs_digest,
    read_pair,
    split_pairs,
    survey_dataset,
)
from tfseis.jobs.faults.variation import Variation

SHAPE = (8, 9, 10)
GENERATORS = (gaussian_survey, spectral_survey)


def some(dataset, count):
    return [tuple(np.asarray(part) for part in batch) for batch in dataset.take(count)]


def test_batches_depend_on_seed_and_number_alone():
    first = some(survey_dataset(GENERATORS, shape=SHAPE, batch_size=2, seed=5), 4)
    late = some(survey_dataset(GENERATORS, shape=SHAPE, batch_size=2, seed=5, first_batch=2), 2)
    other = some(survey_dataset(GENERATORS, shape=SHAPE, batch_size=2, seed=6), 1)
    for one, two in zip(first[2:], late, strict=True):
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])
    assert (first[0][0] != other[0][0]).any()
    assert (first[0][0][0] != first[0][0][1]).any()
    amplitude, faults = first[0]
    assert amplitude.shape == faults.shape == (2, *SHAPE, 1)
    assert amplitude.dtype == faults.dtype == "float32"
    assert np.abs(amplitude).max() <= 10


@pytest.fixture
def folder(tmp_path):
    for name in ("seis", "fault"):
        (tmp_path / name).mkdir()
    for number in range(2):
        survey = gaussian_survey((12, 12, 12), seed=number)
        write_cube(tmp_path / "seis" / f"{number}.dat", survey.amplitude, endian="big")
        write_cube(tmp_path / "fault" / f"{number}.dat", survey.faults)
    return tmp_path


def test_crops_from_files_keep_amplitude_and_label_together(folder):
    pairs = cube_pairs(folder)
    cubes = [read_pair(pair) for pair in pairs]
    ((amplitude, faults),) = some(pair_dataset(pairs, shape=SHAPE, batch_size=4, seed=0), 1)
    for crop, label in zip(amplitude[..., 0], faults[..., 0], strict=True):
        places = [
            (cube, start)
            for cube in range(2)
            for start in np.ndindex(5, 4, 3)
            if np.array_equal(cubes[cube][0][tuple(map(slice, start, np.add(start, SHAPE)))], crop)
        ]
        ((cube, start),) = places
        np.testing.assert_array_equal(
            cubes[cube][1][tuple(map(slice, start, np.add(start, SHAPE)))], label
        )


def test_crops_hold_a_known_sample_where_one_section_alone_is_labelled(folder):
    labels = np.full((12, 12, 12), -1.0)
    labels[5] = 1
    write_cube(folder / "fault" / "0.npy", labels)
    (folder / "fault" / "0.dat").unlink()
    pairs = cube_pairs(folder)[:1]
    stream = pair_dataset(pairs, shape=(4, 4, 4), batch_size=30, seed=0)
    ((_, faults),) = some(stream, 1)
    assert set(np.unique(faults)) == {-1, 1}
    assert (faults == 1).any(axis=(1, 2, 3, 4)).mean() > 0.95


def test_cubes_without_labels_are_all_unknown(folder):
    (folder / "fault" / "1.dat").unlink()
    stream = pair_dataset(cube_pairs(folder), shape=SHAPE, batch_size=9, seed=0, unlabelled=True)
    ((_, faults),) = some(stream, 1)
    unknown = (faults == -1).all(axis=(1, 2, 3, 4))
    assert 0 < unknown.sum() < 9
    assert (faults[~unknown] >= 0).all()


def test_a_variation_changes_surveys(folder):
    def one(variation):
        return some(
            survey_dataset(GENERATORS, shape=SHAPE, batch_size=1, seed=5, variation=variation), 1
        )[0]

    assert (one(None)[0] != one(Variation(polarity=1.0))[0]).any()
    assert one(Variation())[1].shape == (1, *SHAPE, 1)


def test_refusals(folder):
    (folder / "fault" / "1.dat").unlink()
    with pytest.raises(ValueError, match=r"got 1 without. Leave it out"):
        pair_dataset(cube_pairs(folder), shape=SHAPE, batch_size=1, seed=0)
    write_cube(folder / "fault" / "1.dat", np.zeros((5, 5, 5)))
    with pytest.raises(ValueError, match=r"labels of its shape \(12, 12, 12\); got \(5, 5, 5\)"):
        read_pair(cube_pairs(folder)[1])


def test_pairs_in_memory_are_those_of_files(folder):
    files = labelled_cubes(folder)
    arrays = [(read_cube(pair.seismic), read_cube(pair.faults)) for pair in files]
    memory = labelled_cubes([*arrays, (arrays[0][0], None)])
    for one, two in zip(files, memory, strict=False):
        for values, others in zip(read_pair(one), read_pair(two), strict=True):
            np.testing.assert_array_equal(values, others)
    assert (read_pair(memory[2])[1] == -1).all()
    batches = [
        some(pair_dataset(p, shape=SHAPE, batch_size=2, seed=0), 1) for p in (files, memory[:2])
    ]
    np.testing.assert_array_equal(batches[0][0][0], batches[1][0][0])
    assert pairs_digest(memory[:1]) != pairs_digest(memory[1:2])
    assert pairs_digest(memory) == pairs_digest(labelled_cubes([*arrays, (arrays[0][0], None)]))


@pytest.mark.parametrize(
    ("cube", "message"),
    [
        (np.zeros((3, 4, 5)), "Cube 0: expected a pair of arrays"),
        ((np.zeros((4, 5)), np.zeros((4, 5))), "of three axes each; got tuple"),
        ((np.zeros((3, 4, 5)), np.zeros((3, 4, 6))), r"shape \(3, 4, 5\); got \(3, 4, 6\)"),
    ],
)
def test_what_is_no_pair_is_refused(cube, message):
    with pytest.raises(ValueError, match=message):
        labelled_cubes([cube])


def test_every_fifth_cube_is_held_out_and_does_not_train():
    def split(count):
        pairs = labelled_cubes([(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))] * count)
        return [[pair.name for pair in part] for part in split_pairs(pairs)]

    assert split(1) == [["0"], []]
    assert split(2) == [["0"], ["1"]]
    train, held_out = split(11)
    assert held_out == ["0", "5", "10"]
    assert sorted(train + held_out, key=int) == [str(n) for n in range(11)]
    with pytest.raises(ValueError, match=r"labels in fault/ for some cube.*found none"):
        split_pairs(labelled_cubes([(np.zeros((2, 2, 2)), None)]))
