import pytest

from training.experiments import EXPERIMENTS, FAMILIES
from training.fault_experiments import FAULTS
from training.run import main

HEAVY = {200, 201, 501, 502}  # encoders of 22 million weights; variants of 500
HEAVY |= {number for number in FAULTS if number not in (401, 413, 419)}  # 3D networks


def test_an_id_stands_for_one_run():
    assert len(EXPERIMENTS) == sum(len(runs) for runs, _ in FAMILIES)
    assert all(run.id == number for number, (run, _) in EXPERIMENTS.items())


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=pytest.mark.slow) if n in HEAVY else n for n in EXPERIMENTS],
)
def test_experiment_runs_quickly(number, capsys):
    assert main([str(number), "--quick"]) == 0
    assert capsys.readouterr().out.startswith(f"| {number} | ")
