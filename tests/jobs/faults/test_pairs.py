import numpy as np
import pytest

from tfseis.data.synthetic import gaussian_survey, spectral_survey
from tfseis.io import cube_pairs, write_cube
from tfseis.jobs.faults.pairs import pair_dataset, read_pair, survey_dataset
from tfseis.jobs.faults.variation import Augmentation

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


def test_rules_change_surveys(folder):
    def one(rules):
        return some(survey_dataset(GENERATORS, shape=SHAPE, batch_size=1, seed=5, rules=rules), 1)[0]

    assert (one(None)[0] != one(Augmentation(polarity=1.0))[0]).any()
    assert one(Augmentation())[1].shape == (1, *SHAPE, 1)


def test_refusals(folder):
    (folder / "fault" / "1.dat").unlink()
    with pytest.raises(ValueError, match=r"got 1 without. Leave it out"):
        pair_dataset(cube_pairs(folder), shape=SHAPE, batch_size=1, seed=0)
    write_cube(folder / "fault" / "1.dat", np.zeros((5, 5, 5)))
    with pytest.raises(ValueError, match=r"labels of its shape \(12, 12, 12\); got \(5, 5, 5\)"):
        read_pair(cube_pairs(folder)[1])
