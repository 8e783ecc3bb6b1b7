import numpy as np

from tfseis.cli import main
from tfseis.data.scaling import scaled
from tfseis.data.synthetic import spectral_survey
from tfseis.data.synthetic.steep import steep_survey
from tfseis.io import open_segy, write_segy
from tfseis.jobs.faults.scores import cube_probability, threshold_of
from tfseis.models import pretrained, recipe_of
from tfseis.models.pretrained import SHIPPED
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import fault_scores

SEED = 987_654_321  # of no training


def test_what_ships_is_small_and_finds_faults_that_it_never_saw(tmp_path):
    assert (SHIPPED / "faults.npz").stat().st_size < 10e6
    assert recipe_of(pretrained("faults")).job == "faults"
    survey = spectral_survey((64, 64, 64), seed=SEED)
    path, out = tmp_path / "cube.sgy", tmp_path / "faults.sgy"
    write_segy(path, survey.amplitude, survey.geometry)
    assert main(["faults", "apply", str(path), str(out), "--backend", "keras"]) == 0
    with open_segy(out) as found:
        ours = fault_scores(survey.faults, found[:])
    beside = fault_scores(survey.faults, low_semblance(scaled(survey.amplitude)))
    assert ours.iou > 0.35
    assert ours.iou > 2 * beside.iou


def test_what_ships_finds_long_steep_faults_better_than_semblance_does():
    model = pretrained("faults")
    ours, beside = [], []
    for seed in (SEED, SEED + 1, SEED + 2):
        survey = steep_survey((64, 64, 64), seed=seed)
        amplitude = scaled(survey.amplitude)
        probability = cube_probability(model, amplitude)
        found = fault_scores(survey.faults, probability, threshold=threshold_of(model))
        compared = fault_scores(survey.faults, low_semblance(amplitude))
        ours.append((found.iou, found.tolerant_iou))
        beside.append((compared.best_iou, compared.tolerant_iou))
    (iou, tolerant), (their_iou, their_tolerant) = np.mean(ours, 0), np.mean(beside, 0)
    assert iou > 0.2
    assert iou > 1.5 * their_iou
    assert tolerant > 1.3 * their_tolerant
