from dataclasses import fields, replace

import optuna
import pandas as pd
import pytest

from tfseis.errors import ModelError
from training import borehole_experiments, search
from training.experiments import EXPERIMENTS, FAMILIES


@pytest.fixture
def told(monkeypatch):
    """Rows that cost nothing: the score is the learning rate."""
    seen = []

    def rows(experiment, folder):
        seen.append((experiment.settings, folder))
        return [{"Dice": f"{experiment.settings.learning_rate + shift}"} for shift in (0, 2)]

    monkeypatch.setattr(borehole_experiments, "rows", rows)
    return seen


def test_every_family_has_a_space_of_settings_that_exist():
    assert set(search.SPACES) == {family for _, family in FAMILIES}
    for run, family in EXPERIMENTS.values():
        space = search.SPACES[family]
        assert set(space.rates) | set(space.choices) <= {f.name for f in fields(run.settings)}


@pytest.mark.parametrize("family", search.SPACES, ids=lambda family: family.__name__)
def test_every_choice_is_one_that_settings_take(family):
    run = next(run for run, other in EXPERIMENTS.values() if other is family)
    space = search.SPACES[family]
    for place in range(max(map(len, space.choices.values()))):
        chosen = {name: str(v[min(place, len(v) - 1)]) for name, v in space.choices.items()}
        rates = {name: ends[0] for name, ends in space.rates.items()}
        settings = search.asked(optuna.trial.FixedTrial(rates | chosen), space)
        made = replace(run.settings, **settings)
        for name, values in space.choices.items():
            assert getattr(made, name) == values[min(place, len(values) - 1)]


def test_a_search_goes_on_and_tells_the_best_first(told, tmp_path):
    first = search.search(300, tmp_path, trials=2)
    assert len(first) == len(told) == 2
    again = search.search(300, tmp_path, trials=5)
    assert len(told) == len(again) == 5
    assert [folder.name for _, folder in told] == ["0", "1", "2", "3", "4"]
    assert again["Dice"].is_monotonic_decreasing
    pd.testing.assert_series_equal(again["Dice"], again["learning_rate"] + 1, check_names=False)
    rates = [settings.learning_rate for settings, _ in told]
    assert len(set(rates)) == 5
    assert all(3e-4 <= rate <= 2e-2 for rate in rates)
    assert len(search.search(300, tmp_path, trials=3)) == len(told) == 5


@pytest.mark.slow
def test_two_quick_trials_of_a_network(tmp_path, capsys):
    assert search.main(["305", "--trials", "2", "--quick"], runs=tmp_path) == 0
    header, _, best, second, warning = capsys.readouterr().out.splitlines()
    assert header == "| trial | Dice | learning_rate | noise | batch_size | loss |"
    assert float(best.split("|")[2]) >= float(second.split("|")[2])
    assert "score it anew" in warning
    assert (tmp_path / "305-quick" / search.STORAGE).is_file()
    assert list((tmp_path / "305-quick/1").rglob("history.csv"))


def test_refusals(monkeypatch, tmp_path, capsys):
    with pytest.raises(SystemExit):
        search.main(["300", "--trials", "0"], runs=tmp_path)
    assert "expected 1 trial or more; got 0" in capsys.readouterr().err

    def rows(experiment, folder):
        raise ModelError("Expected data; got none. Get some.")

    monkeypatch.setattr(borehole_experiments, "rows", rows)
    assert search.main(["300", "--trials", "1"], runs=tmp_path) == 1
    assert capsys.readouterr().err.endswith("search: Expected data; got none. Get some.\n")
    monkeypatch.setattr(search, "find_spec", lambda name: None)
    assert search.main(["300", "--trials", "1"], runs=tmp_path) == 1
    assert "pip install 'tfseis[search]'" in capsys.readouterr().err


def test_a_search_without_weights_says_so(monkeypatch, tmp_path, capsys):
    rows = [{"Dice": "needs weights"}]
    monkeypatch.setattr(borehole_experiments, "rows", lambda experiment, folder: rows)
    assert search.main(["300", "--trials", "1"], runs=tmp_path) == 1
    assert "got 'needs weights'. Fetch the ImageNet weights" in capsys.readouterr().err
