import pytest

from training.borehole_experiments import BOREHOLES
from training.experiments import EXPERIMENTS
from training.run import main
from training.salt_experiments import SALT_EXPERIMENTS


@pytest.mark.parametrize("number", [*EXPERIMENTS, *BOREHOLES])
def test_experiment_runs_quickly(number, capsys):
    assert {**EXPERIMENTS, **BOREHOLES}[number].id == number
@pytest.mark.parametrize("number", EXPERIMENTS | SALT_EXPERIMENTS)
def test_experiment_runs_quickly(number, capsys):
    assert (EXPERIMENTS | SALT_EXPERIMENTS)[number].id == number
    assert main([str(number), "--quick"]) == 0
    assert capsys.readouterr().out.startswith(f"| {number} | ")
