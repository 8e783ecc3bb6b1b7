import pytest

from training.borehole_experiments import BOREHOLES
from training.experiments import EXPERIMENTS
from training.run import main


@pytest.mark.parametrize("number", [*EXPERIMENTS, *BOREHOLES])
def test_experiment_runs_quickly(number, capsys):
    assert {**EXPERIMENTS, **BOREHOLES}[number].id == number
    assert main([str(number), "--quick"]) == 0
    assert capsys.readouterr().out.startswith(f"| {number} | ")
