"""The benchmarks compare results before they time them; here they do so on small data."""

import pytest

from benchmarks import dense, gathers, labels, masks, memory, sliding, training


@pytest.mark.slow
def test_dense_evaluation_equals_crop_by_crop_and_is_much_faster():
    table = dense.run(inlines=3)
    assert table["ratio"][0] > 1


@pytest.mark.slow
def test_memory_does_not_grow_with_the_cube():
    assert memory.run((100, 300))["ratio"].iloc[-1] < 1.1


@pytest.mark.slow
def test_windows_in_batches_equal_single_ones_and_are_much_faster():
    assert gathers.run()["ratio"][0] > 20


def test_runs_are_those_of_a_loop_and_found_faster():
    assert masks.run(100)["ratio"][0] > 2


@pytest.mark.slow
def test_labels_are_those_of_pandas_and_read_almost_as_fast():
    table = labels.run(500_000)
    assert (table["ratio"] < 3).all()
    assert (table["ratio_mb"] < 4).all()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_cube_in_which_faults_are_found():
    assert memory.run((40, 120), memory.fault_model)["ratio"].iloc[-1] < 1.1


@pytest.mark.slow
def test_windows_equal_monais_where_it_is_installed():
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    table = sliding.run(56, 32)
    assert (table["million voxels a minute"] > 0).all()


@pytest.mark.slow
def test_a_training_step_equals_pytorchs_where_it_is_installed():
    table = training.run(16, 1)
    assert (table["seconds"] > 0).all()
