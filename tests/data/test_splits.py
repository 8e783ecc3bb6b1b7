import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfseis.data.splits import block_folds
from tfseis.jobs.facies.channels import CHANNELS, margins, span

POSITIONS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 90), st.integers(0, 9)), min_size=1, max_size=60
).map(np.array)


@given(POSITIONS, st.integers(2, 6), st.integers(1, 40))
def test_no_training_label_lies_within_the_gap_of_a_tested_one(positions, folds, guard):
    for fold in block_folds(positions, folds=folds, guard=guard):
        along = positions[:, fold.axis]
        tested, trained = along[fold.test], along[fold.train]
        assert np.abs(tested[:, np.newaxis] - trained).min() >= guard
        assert ((tested >= fold.start) & (tested < fold.stop)).all()


@given(POSITIONS, st.integers(2, 6), st.integers(1, 40))
def test_no_label_is_tested_twice_and_each_fold_has_both_sides(positions, folds, guard):
    found = block_folds(positions, folds=folds, guard=guard)
    assert len(found) <= folds
    assert all(fold.train.mean() >= 0.25 and fold.test.any() for fold in found)
    if found:
        assert sum(fold.test.astype(int) for fold in found).max() == 1


def test_every_label_of_a_wide_section_is_tested():
    positions = np.zeros((300, 3), int)
    positions[:, 1] = np.arange(300)
    found = block_folds(positions, folds=4, guard=30)
    assert sum(fold.test.astype(int) for fold in found).tolist() == [1] * 300


@given(POSITIONS, st.integers(1, 40))
def test_all_that_is_far_enough_trains(positions, guard):
    for fold in block_folds(positions, folds=3, guard=guard):
        along = positions[:, fold.axis]
        inside = np.arange(fold.start, fold.stop)
        distance = np.abs(along[:, np.newaxis] - inside).min(axis=1)
        np.testing.assert_array_equal(fold.train, distance >= guard)


@pytest.mark.parametrize("axis", [0, 1])
def test_blocks_follow_the_longer_horizontal_axis(axis):
    positions = np.zeros((300, 3), int)
    positions[:, axis] = np.arange(300)
    positions[:, 2] = np.arange(300) * 7  # however long the traces are
    found = block_folds(positions, folds=3, guard=20)
    assert [(f.axis, f.start, f.stop) for f in found] == [
        (axis, 0, 100),
        (axis, 100, 200),
        (axis, 200, 300),
    ]
    assert [int(f.train.sum()) for f in found] == [181, 162, 181]


def test_narrow_labels_get_fewer_blocks_or_none():
    positions = np.zeros((30, 3), int)
    positions[:, 1] = np.arange(30)
    counts = [len(block_folds(positions, folds=4, guard=guard)) for guard in (1, 7, 12, 16, 30)]
    assert counts[0] == 4
    assert counts[-1] == 0
    assert counts == sorted(counts)[::-1]
    assert counts[2] == 2  # the ends: in the middle, too little is left to train
    assert block_folds(positions[:1], folds=4, guard=1) == []


def test_no_labels_have_no_folds():
    assert block_folds(np.empty((0, 3), int), folds=4, guard=1) == []


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("crop_size", [7, 8])
def test_crops_on_two_sides_of_a_split_share_no_sample(name, crop_size):
    before, after = margins(crop_size, CHANNELS[name])
    positions = np.zeros((200, 3), int)
    positions[:, 1] = np.arange(200)
    for fold in block_folds(positions, folds=3, guard=span(crop_size, CHANNELS[name])):
        seen = [
            {i for p in positions[side, 1] for i in range(p - before, p + after + 1)}
            for side in (fold.train, fold.test)
        ]
        assert seen[0] & seen[1] == set()
