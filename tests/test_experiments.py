import pytest

from training.borehole_experiments import BOREHOLES
from training.experiments import EXPERIMENTS
from training.gather_experiments import GATHERS
from training.run import main
from training.salt_experiments import SALT_EXPERIMENTS

ALL = {**EXPERIMENTS, **BOREHOLES, **SALT_EXPERIMENTS, **GATHERS}


HEAVY = {200, 201, 501, 502}  # encoders of 22 million weights; variants of 500


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=pytest.mark.slow) if n in HEAVY else n for n in ALL],
)
def test_experiment_runs_quickly(number, capsys):
    assert ALL[number].id == number
    assert main([str(number), "--quick"]) == 0
    assert capsys.readouterr().out.startswith(f"| {number} | ")
