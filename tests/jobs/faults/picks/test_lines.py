"""What picks on a few lines say of each sample, and which of them are held out together."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io import Labels, write_labels, write_painted
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults.picks.crops import mixed_batches, picked_batches, picked_crop, targets_in
from tfseis.jobs.faults.picks.files import picked_lines, read_picks
from tfseis.jobs.faults.picks.folds import held_out, without
from tfseis.jobs.faults.picks.lines import picked_line
from tfseis.jobs.faults.picks.scores import (
    PickCounts,
    hits,
    line_probability,
    line_semblance,
    rates,
)
from tfseis.jobs.faults.picks.train import picked_job
from tfseis.jobs.faults.pipeline import FaultJob
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.faults.variation import USUAL

SHAPE = (60, 50, 40)
GEOMETRY = Geometry(
    Axis("inline", 100, 2, 60), Axis("crossline", 300, 1, 50), Axis("sample", 0, 4, 40)
)
ONE = Scaling(0.0, 1.0)


@pytest.fixture(scope="module")
def cube():
    values = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    return ArrayCube(values, GEOMETRY)


def sticks(path, rows):
    """OpendTect's form: inline, crossline, time, stick, node."""
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def test_sticks_train_near_themselves_alone(cube, tmp_path):
    rows = [(110, 320, 20, 0, 0), (110, 320, 140, 0, 1), (180, 330, 0, 1, 0), (180, 330, 100, 1, 1)]
    path = sticks(tmp_path / "mine.sticks", rows)
    one, two = picked_lines(cube, [path])
    assert (one.name, two.name) == ("inline 110", "inline 180")
    assert (one.axis, one.index, two.index) == (0, 5, 40)
    # on trace 20: 2 samples beside the stick may be either, 3 to 10 hold no fault
    row = one.targets[:, 20]
    assert row[20] == 1
    assert row[[18, 19, 21, 22]].tolist() == [-1] * 4
    assert row[[10, 17, 23, 30]].tolist() == [0] * 4
    assert row[[9, 31]].tolist() == [-1] * 2
    assert one.scored[:, 20].tolist() == [10 <= trace <= 30 for trace in range(50)]
    assert one.incomplete
    whole, part = picked_lines(cube, [path], complete=["all"])[0], one
    assert whole.scored.all()
    assert not whole.incomplete
    assert (whole.targets == 1).sum() == (part.targets == 1).sum() == 31
    assert whole.targets[0, 0] == 0
    assert whole.targets[20, 20] == 1


def test_lines_are_those_that_hold_the_picks(cube, tmp_path):
    rows = [(100 + 2 * i, 310, 8 * (i % 18), 0, i) for i in range(40)]
    rows += [(150, 300 + i, 60, 1, i) for i in range(50)]
    found = picked_lines(cube, [sticks(tmp_path / "a.sticks", rows)])
    assert [line.name for line in found] == ["inline 150", "crossline 310"]
    some = picked_lines(cube, [tmp_path / "a.sticks"], lines=[(1, 310)])
    assert [line.name for line in some] == ["crossline 310"]
    np.testing.assert_array_equal(some[0].picks, found[1].picks)


def test_files_of_one_line_are_joined(cube, tmp_path):
    a = sticks(tmp_path / "a.sticks", [(110, 320, 20, 0, 0), (110, 320, 140, 0, 1)])
    b = sticks(tmp_path / "b.sticks", [(110, 325, 20, 0, 0), (110, 325, 140, 0, 1)])
    (both,) = picked_lines(cube, [a, b])
    assert both.picks[[20, 25]].sum() == 62
    assert both.targets[23, 20] == -1  # within 2 of the second
    (whole,) = picked_lines(cube, [a, b], complete=["b.sticks"])
    assert (whole.targets[both.picks] == 1).all()
    assert whole.targets[0, 0] == 0


def test_each_file_and_line_is_told(cube, tmp_path):
    a = sticks(tmp_path / "a.sticks", [(110, 320, 20, 0, 0), (110, 320, 140, 0, 1)])
    b = sticks(tmp_path / "b.pts", [(180, 325, time) for time in range(20, 144, 4)])
    b.write_text(b.read_text() + "180\t999\t20\n")
    lines = [(0, 110), (0, 180), (1, 305)]
    found, notes = read_picks(cube, [a, b], lines=lines, complete=["b.pts"])
    assert [line.name for line in found] == ["inline 110", "inline 180"]
    assert notes[0].startswith("a.sticks: sticks; ")
    assert notes[1].startswith("b.pts: points; ")
    assert "left out: 1 " in notes[1]
    assert notes[2:] == [
        "inline 110: 31 picked samples, unlabelled away from picks",
        "inline 180: 31 picked samples, with background",
        "crossline 305: no picks; it does not train",
    ]


def mask_labels(sections, geometry):
    """Labels of whole inlines: index, mask of 1, 0 and -1."""
    positions, classes = [], []
    for index, mask in sections:
        traces, samples = np.nonzero(mask >= 0)
        positions.append(np.column_stack([np.full(len(traces), index), traces, samples]))
        classes.append(mask[traces, samples])
    return Labels.at_indices(np.concatenate(positions), np.concatenate(classes), geometry)


def test_zeros_of_masks_count_only_beside_unlabelled_samples(cube, tmp_path):
    mask = np.zeros(SHAPE[1:], int)
    mask[20, 5:35] = 1
    some = mask.copy()
    some[40:] = -1
    labels = mask_labels([(5, mask), (40, some)], GEOMETRY)
    plain, told = picked_lines(cube, labels)
    assert plain.targets[0, 0] == -1
    assert told.targets[0, 0] == 0
    assert told.targets[45, 0] == -1
    assert told.scored[0, 0]
    assert not told.scored[45, 0]
    write_labels(tmp_path / "mask.npz", labels, GEOMETRY)
    lines = [(0, 110), (0, 180)]
    again = picked_lines(cube, [tmp_path / "mask.npz"], lines=lines)
    painted = []
    for number in (110, 180):
        path = tmp_path / f"faults_inline{number}.png"
        write_painted(path, labels, GEOMETRY, (0, number))
        painted.append(path)
    third = picked_lines(cube, painted)
    for one, two, three in zip((plain, told), again, third, strict=True):
        np.testing.assert_array_equal(one.targets, two.targets)
        np.testing.assert_array_equal(one.targets, three.targets)
    whole = picked_lines(cube, [tmp_path / "mask.npz"], lines=lines, complete=["mask.npz"])
    assert whole[0].targets[0, 0] == whole[1].targets[45, 0] == 0


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros(SHAPE[1:], int), "class numbers above 0, since 0 is no fault; got 0 alone"),
        (np.ones(SHAPE[1:], int), "thin picks of faults; got 100% of inline 110"),
    ],
)
def test_what_are_no_picks_is_refused(cube, mask, message):
    with pytest.raises(LabelError, match=message):
        picked_lines(cube, mask_labels([(5, mask)], GEOMETRY))


def test_picks_across_lines_and_files_that_are_not_given_are_refused(cube, tmp_path):
    rows = [(100 + 2 * i, 300 + i, 4 * (i % 40), 0, i) for i in range(6)]
    path = sticks(tmp_path / "a.sticks", rows)
    with pytest.raises(LabelError, match=r"a\.sticks: expected at least 8 picked samples on an"):
        picked_lines(cube, [path])
    with pytest.raises(LabelError, match=r"complete lines of a file that is given; got 'b'"):
        picked_lines(cube, [path], complete=["b"])
    with pytest.raises(LabelError, match="inlines and crosslines; got a time slice"):
        picked_lines(cube, [path], lines=[(2, 40)])


def steep(cube, axis, index, trace=20):
    picks = np.zeros((SHAPE[1 - axis], SHAPE[2]), bool)
    picks[trace, 5:35] = True
    return picked_line(cube, axis, index, picks)


@pytest.mark.parametrize("shape", [(16, 20, 24), (17, 17, 17), (19, 21, 23)])
def test_crops_hold_amplitudes_and_targets_of_all_lines_in_their_place(cube, shape):
    lines = [steep(cube, 0, 30), steep(cube, 1, 20, trace=28)]
    start, size = (25, 15, -4), (16, 16, 30)
    targets = targets_in(lines, start, size)
    for inline, crossline, sample in np.argwhere(targets >= 0):
        i, x, s = inline + start[0], crossline + start[1], sample + start[2]
        known = [lines[0].targets[x, s]] if i == 30 else []
        known += [lines[1].targets[i, s]] if x == 20 else []
        assert targets[inline, crossline, sample] == max(known)
    assert (targets[5] == 1).sum() == 21  # samples 5 to 25 of the inline
    off = np.delete(np.delete(targets, 5, axis=0), 5, axis=1)
    assert (off == -1).all()
    rng = np.random.default_rng(3)
    for _ in range(5):
        amplitude, found = picked_crop(lines, [ONE, ONE], shape, rng)
        places = np.argwhere(found >= 0)
        assert len(places)
        assert amplitude.shape == found.shape == shape
        corner = np.argwhere(np.isclose(cube.amplitude, amplitude[8, 8, 12]))[0] - (8, 8, 12)
        inside = np.all((places + corner >= 0) & (places + corner < SHAPE), axis=1)
        assert inside.all()
        for place in places + corner:
            assert place[0] == 30 or place[1] == 20


def test_a_2d_line_becomes_a_slab_of_copies():
    values = np.random.default_rng(1).normal(size=(1, 50, 40)).astype("float32")
    flat = ArrayCube(values, name="line 7")
    line = steep(flat, 0, 0)
    assert line.name == "line 7"
    amplitude, targets = picked_crop([line], [ONE], (16, 16, 16), np.random.default_rng(0))
    assert np.ptp(amplitude, axis=0).max() == 0
    (planes,) = np.nonzero((targets >= 0).any(axis=(1, 2)))
    assert len(planes) == 1


def test_batches_depend_on_their_number_alone(cube):
    lines, shape = [steep(cube, 0, 30)], (16, 16, 16)

    def drawn(first, count):
        batches = picked_batches(
            lines, [ONE], shape=shape, count=2, seed=4, variation=USUAL, first_batch=first
        )
        return [next(batches) for _ in range(count)]

    for one, two in zip(drawn(0, 4)[2:], drawn(2, 2), strict=True):
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])
    more = [(np.full((1, *shape, 1), 7.0), np.ones((1, *shape, 1)))]
    ((amplitude, targets),) = mixed_batches(iter(drawn(0, 2)), more)
    assert amplitude.shape == targets.shape == (3, *shape, 1)
    np.testing.assert_array_equal(amplitude[:2], drawn(0, 1)[0][0])
    assert (np.asarray(amplitude[2]) == 7).all()


def test_lines_near_each_other_are_held_out_together(cube):
    lines = [steep(cube, 0, index, trace=45) for index in (5, 12, 40)] + [steep(cube, 1, 20)]
    folds = held_out(lines)
    assert [fold.name for fold in folds] == [
        "inline 110 to inline 124",
        "inline 180",
        "crossline 320",
    ]
    left = without(lines, folds[1])
    assert [line.name for line in left] == ["inline 110", "inline 124", "crossline 320"]
    crossing = left[2].targets
    assert (crossing[24:57] == -1).all()  # 16 beside inline 180, index 40
    np.testing.assert_array_equal(crossing[:24], lines[3].targets[:24])
    np.testing.assert_array_equal(left[0].targets, lines[0].targets)


def test_a_single_line_is_held_out_in_blocks(cube):
    picks = np.zeros((60, 40), bool)
    for trace in (5, 30, 55):
        picks[trace, 5:35] = True
    line = picked_line(cube, 1, 20, picks, background=~picks)
    folds = held_out([line])
    assert [fold.parts for fold in folds] == [
        ((0, slice(0, 22)),),
        ((0, slice(22, 39)),),
        ((0, slice(39, 60)),),
    ]
    (left,) = without([line], folds[2])
    assert (left.targets[23:] == -1).all()
    np.testing.assert_array_equal(left.targets[:23], line.targets[:23])
    assert held_out([steep(cube, 0, 30)]) == []  # one fault: nothing is left to train on


def test_many_lines_are_at_most_four_parts():
    wide = ArrayCube(np.zeros((120, 50, 40), "float32"))
    lines = [steep(wide, 0, index) for index in range(2, 120, 20)]
    folds = held_out(lines)
    assert sorted(n for fold in folds for n, _ in fold.parts) == list(range(6))
    assert [len(fold.parts) for fold in folds] == [2, 2, 1, 1]


def test_counts_and_thresholds_by_hand(cube):
    lines = [steep(cube, 0, 5), steep(cube, 0, 40)]
    lines = [replace(line, scored=np.ones_like(line.scored)) for line in lines]
    folds = held_out(lines)
    values = {n: np.zeros((50, 40), "float32") for n in (0, 1)}
    values[0][22, 5:35] = 0.62  # two traces beside the pick
    values[0][40, 5:35] = 0.42  # not picked
    values[1][20, 5:20] = 0.32
    counts = PickCounts()
    for fold in folds:
        counts.add(lines, fold, {n: values[n] for n, _ in fold.parts})
    # the second alone is best at up to 0.3, the first at 0.45 to 0.6
    pooled, each = counts.by_others()
    assert each[1] == {"f1": 0.0, "precision": 0.0, "recall": 0.0}  # nothing above 0.5
    assert each[0]["recall"] == 1
    assert each[0]["precision"] == pytest.approx(0.5, abs=0.05)
    assert pooled["recall"] == pytest.approx(0.5, abs=0.05)
    assert counts.at(0.5)["precision"] == 1
    assert counts.best_threshold() < 0.35


def test_where_all_lines_are_incomplete_every_sample_counts(cube):
    job = FaultJob(FaultSettings().completed(picked=True))
    part, whole = steep(cube, 0, 5), steep(cube, 0, 40)
    whole = picked_line(cube, 0, 40, whole.picks, background=~whole.picks)
    both = picked_job(job, [part, whole])
    assert [line.scored.all() for line in both.lines] == [False, True]
    assert all(line.scored.all() for line in picked_job(job, [part, part]).lines)


def test_hits_count_what_counts_alone():
    found, picked = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    found[2], picked[5] = True, True
    assert hits(found, picked).tolist() == [0, 9, 0, 9]
    found[3, :4] = True
    assert hits(found, picked).tolist() == [4, 13, 4, 9]  # the fifth is at a distance of 5 ** 0.5
    counted = np.zeros((9, 9), bool)
    counted[:, :2] = True
    assert hits(found, picked, counted).tolist() == [2, 4, 2, 2]
    assert rates(np.zeros(4, int)) == {"f1": 0.0, "precision": 0.0, "recall": 0.0}


class Recorder:
    """Takes amplitudes for probabilities, and keeps the windows that it was given."""

    multiple = 8

    def __init__(self):
        self.windows = []

    def __call__(self, batch):
        self.windows.append(batch[0])
        return batch[..., np.newaxis]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("lines", [1, 9, 16, 20, 47, 48, 49, 60])
def test_windows_around_a_line_lie_inside_the_cube(lines, axis):
    shape = (lines, 30, 21) if axis == 0 else (30, lines, 21)
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    whole = ArrayCube(values)
    for index in {0, lines // 2, lines - 1}:
        model = Recorder()
        line = picked_line(whole, axis, index, np.zeros((30, 21), bool))
        found = line_probability(model, line, ONE)
        np.testing.assert_allclose(found, values.take(index, axis), rtol=1e-6)
        window = np.moveaxis(model.windows[0], axis, 0)
        different = len(np.unique(window.reshape(len(window), -1), axis=0))
        assert len(window) == (48 if lines < 16 else min(48, lines + -lines % 8))
        assert different == min(lines, 48)  # no line is mirrored where there are others


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("traces", [9, 16, 150, 176, 177, 300, 391])
def test_windows_along_a_line_hold_real_traces_wherever_there_are_some(traces, axis):
    shape = (20, traces, 21) if axis == 0 else (traces, 20, 21)
    whole = ArrayCube(np.random.default_rng(0).normal(size=shape).astype("float32"))
    model = Recorder()
    line = picked_line(whole, axis, 7, np.zeros((traces, 21), bool))
    found = line_probability(model, line, ONE)
    np.testing.assert_allclose(found, whole.amplitude.take(7, axis), rtol=1e-6)
    known = {trace.tobytes() for trace in whole.amplitude.take(7, axis)}
    assert len(model.windows) == -(-traces // 128)
    for number, window in enumerate(model.windows):
        read = [trace[:21].tobytes() for trace in window.take(7, axis)]
        assert set(read) <= known
        wanted = min(128 + 48, traces)
        assert len(set(read)) == (wanted if traces >= 16 else traces)
        first, last = 128 * number, min(128 * (number + 1), traces)
        place = [trace.tobytes() for trace in whole.amplitude.take(7, axis)]
        beside = place[max(0, first - 24) : last + 24]  # real, up to 24 on each side
        assert set(beside) <= set(read)


def test_semblance_of_a_line_finds_a_break(cube):
    values = np.sin(np.arange(40) / 2) + np.zeros(SHAPE)
    values[:, 20:] = np.roll(values[:, 20:], 6, axis=2)
    line = steep(ArrayCube(values.astype("float32")), 0, 0)
    found = line_semblance(line, ONE)
    assert found.shape == (50, 40)
    assert set(np.nonzero(found > 0.5)[0].tolist()) <= {18, 19, 20, 21}


def test_a_line_without_faults_trains_where_it_is_complete(cube):
    mask = np.zeros(SHAPE[1:], int)
    mask[20, 5:35] = 1
    labels = mask_labels([(5, mask), (40, 0 * mask)], GEOMETRY)
    lines = [(0, 110), (0, 180)]
    assert [line.name for line in picked_lines(cube, labels, lines=lines)] == ["inline 110"]
    one, none = picked_lines(cube, labels, lines=lines, complete=["all"])
    assert (none.targets == 0).all()
    assert held_out([one, none]) == []  # without the first nothing is picked
