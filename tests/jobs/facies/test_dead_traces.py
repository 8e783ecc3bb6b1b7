"""Dead samples have no class: in the result, its legend, the viewer and the score."""

import numpy as np
import pytest

import tfseis
from tfseis.data.synthetic import facies_survey
from tfseis.io import ArrayCube, Labels, open_segy, write_segy
from tfseis.io.labels.label_cube import open_label_cube
from tfseis.io.results import create_result
from tfseis.scores import score
from tfseis.view.overlay import Overlay

SETTINGS = {"epochs": 1, "crops_per_epoch": 16, "batch_size": 8, "folds": 0, "filters": (4, 8)}


def settings(**change):
    return tfseis.FaciesSettings(**{**SETTINGS, "crop_size": 16, **change})


def labelled(cube, step=2):
    shape = cube.shape
    traces, samples = range(0, shape[1], step), range(0, shape[2], step)
    places = np.array([(shape[0] // 2, t, s) for t in traces for s in samples])
    classes = (places[:, 2] >= shape[2] // 2) if shape[2] > 1 else places[:, 1] >= shape[1] // 2
    return Labels.at_indices(places, classes.astype(int), cube.geometry)


def test_dead_traces_have_no_class(tmp_path):
    survey = facies_survey((5, 24, 32), seed=1)
    amplitude = survey.amplitude.copy()
    amplitude[:, 20:] = 0  # dead, though the file holds the traces
    amplitude[1, 3, 7] = np.nan
    write_segy(tmp_path / "cube.sgy", np.nan_to_num(amplitude), survey.geometry)
    cube = ArrayCube(amplitude, survey.geometry, name="survey")
    done = tfseis.train_facies(
        cube, labelled(cube), out=tmp_path / "out", settings=settings(), progress=False
    )
    path = done.folder / "facies.sgy"
    with open_segy(path) as result:
        codes = result[:]
        assert (codes[:, 20:] == -1).all()
        assert codes[1, 3, 7] == -1
        assert set(np.unique(codes[:, :20])) <= {-1, 0, 1}
        assert (codes[:, :20] >= 0).sum() == 5 * 20 * 32 - 1
        assert Overlay.of(result).classes
        classes, _ = Overlay.of(result).class_image(codes[0].astype("float64"))
        assert (classes[20:] == -1).all()
    right = np.where(codes >= 0, codes, 0)  # a truth that knows a class everywhere
    found = score(right, path, progress=False).as_dict()
    assert found["accuracy"] == 1
    with open_segy(tmp_path / "cube.sgy") as survey_file:
        labels = open_label_cube(path, survey_file.geometry)
        assert labels.lines(0)


def test_a_class_cube_without_a_legend_is_shown_as_classes(tmp_path, survey):
    template = open_segy(survey)
    codes = np.full(template.shape, -1)
    codes[1:, 2:] = 3
    with create_result(tmp_path / "r.sgy", template, kind="classes") as writer:
        writer.write(codes, inline=0, crossline=0)
    with open_segy(tmp_path / "r.sgy") as cube:
        overlay = Overlay.of(cube)
        assert overlay.classes
        classes, legend = overlay.class_image(codes[2].astype("float64"))
        assert legend.codes == (3,)
        assert (classes[:2] == -1).all()
        assert (classes[2:] == 0).all()


@pytest.mark.parametrize("network", [pytest.param("unet", marks=pytest.mark.slow), "patch"])
def test_a_cube_of_one_sample_is_labelled(tmp_path, network):
    """Such as a map of a horizon saved as SEG-Y."""
    rng = np.random.default_rng(0)
    cube = ArrayCube(rng.normal(size=(20, 24, 1)).astype("float32"), name="map")
    plain = settings(network=network)
    if network == "patch":
        plain = settings(network=network, layout="cnap cna", crop_size=8)
    done = tfseis.train_facies(
        cube, labelled(cube, 1), out=tmp_path / "out", settings=plain, progress=False
    )
    with open_segy(done.folder / "facies.sgy") as result:
        assert result.shape == (20, 24, 1)
        assert set(np.unique(result[:])) <= {0, 1}
