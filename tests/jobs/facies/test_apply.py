import numpy as np
import pytest

from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import TfseisError
from tfseis.io import open_segy
from tfseis.io.labels.legend import Legend, read_legend
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.models import patch_classifier, with_recipe

LEGEND = Legend((0, 4, 9), ("clay", "sand", "salt"), ("#000000", "#111111", "#222222"))
STORED = Scaling(100.0, 50.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    network = patch_classifier((5, 5, 1), classes=3, layout="cn", filters=(4,))
    recipe = FaciesRecipe(
        network="patch",
        axes=2,
        answers="middle of a crop",
        crop_size=5,
        channels="amplitude",
        axis=0,
        codes=LEGEND.codes,
        names=LEGEND.names,
        colours=LEGEND.colours,
        scaling=STORED.as_dict(),
        grid={},
        seed=0,
        version="0",
    )
    path = tmp_path_factory.mktemp("model") / "model.keras"
    with_recipe(network, recipe).save(path)
    return path


@pytest.fixture
def cube(make, amplitude, ragged):
    amplitude += 1
    amplitude[6, 0] = 0
    return open_segy(make(live=ragged))


def written(path):
    with open_segy(path) as result:
        return result[:], result.geometry


def test_codes_legend_and_dead_traces(model, cube, tmp_path):
    names = {"out": tmp_path / "a.sgy", "confidence": tmp_path / "c.sgy"}
    found = apply_facies(model, cube, progress=False, **names)
    assert found.files == (names["out"], tmp_path / "a.classes.csv", names["confidence"])
    assert all(path.exists() for path in found.files)
    codes, geometry = written(tmp_path / "a.sgy")
    assert geometry.signature() == cube.geometry.signature()
    assert set(np.unique(codes)) <= {-1, 0, 4, 9}
    assert (codes[6, 0] == -1).all()
    assert not codes[~cube.live].any()  # there is no such trace in the file
    assert read_legend(tmp_path / "a.classes.csv") == LEGEND
    confidence, _ = written(tmp_path / "c.sgy")
    alive = cube.live.copy()
    alive[6, 0] = False
    assert (confidence[alive] > 1 / 3).all()
    assert not confidence[~alive].any()


@pytest.mark.parametrize(
    "ranges, key",
    [
        ({"stride": 2}, (slice(0, 7, 2), slice(0, 8, 2), slice(0, 9, 2))),
        ({"inlines": (102, 106), "time": (20, 28)}, (slice(1, 4), slice(None), slice(2, 5))),
        (
            {"crosslines": (None, 302), "stride": 3},
            (slice(0, 7, 3), slice(0, 3, 3), slice(0, 9, 3)),
        ),
        ({"inlines": (112, 112), "time": (40, None)}, (slice(6, 7), slice(None), slice(7, 9))),
    ],
)
def test_part_of_a_cube_is_that_part_of_the_whole(model, cube, tmp_path, ranges, key):
    apply_facies(model, cube, tmp_path / "whole.sgy", progress=False)
    apply_facies(model, cube, tmp_path / "part.sgy", progress=False, **ranges)
    part, geometry = written(tmp_path / "part.sgy")
    expected = cube.geometry.sliced(key)
    lines = [axis.numbers for axis in expected.axes]
    whole = written(tmp_path / "whole.sgy")[0][key]
    for mine, theirs in zip(geometry.axes[:2], lines[:2], strict=True):
        assert set(mine.numbers.tolist()) <= set(theirs.tolist())
    rows, columns = (
        expected.axes[i].indices(geometry.axes[i].numbers) for i in range(2)
    )  # lines without any trace are not written
    np.testing.assert_array_equal(part, whole[np.ix_(rows, columns)])
    assert np.array_equal(geometry.samples.numbers, lines[2])


def test_scaling_is_that_of_the_survey_or_of_the_model(model, cube, tmp_path):
    found = apply_facies(model, cube, tmp_path / "a.sgy", progress=False)
    used = survey_scaling(cube)
    assert found.facts["scaling"] == used.as_dict()
    assert str(used) in found.text
    assert str(STORED) in found.text
    other = apply_facies(model, cube, tmp_path / "b.sgy", scaling="model", progress=False)
    assert other.facts["scaling"] == STORED.as_dict()
    with pytest.raises(TfseisError, match="survey or model; got 'window'"):
        apply_facies(model, cube, tmp_path / "c.sgy", scaling="window")


@pytest.mark.parametrize("name", ["a.sgy", "c.sgy", "a.classes.csv"])
def test_no_result_is_replaced_unasked(model, cube, tmp_path, name):
    names = {"out": tmp_path / "a.sgy", "confidence": tmp_path / "c.sgy"}
    (tmp_path / name).write_text("mine")
    with pytest.raises(TfseisError, match=f"{name}: expected no file there"):
        apply_facies(model, cube, progress=False, **names)
    assert [p.name for p in tmp_path.glob("[ac].*")] == [name]
    apply_facies(model, cube, progress=False, overwrite=True, **names)
    assert (tmp_path / name).read_bytes() != b"mine"


def test_the_cube_itself_is_never_replaced(model, cube):
    with pytest.raises(TfseisError, match="is the same file"):
        apply_facies(model, cube, cube.path, overwrite=True, progress=False)


@pytest.mark.parametrize("other", ["a.sgy", "a.classes.csv", "model.keras"])
def test_results_do_not_replace_each_other_or_the_model(model, cube, tmp_path, other):
    saved, before = tmp_path / "model.keras", model.read_bytes()
    saved.write_bytes(before)
    out = tmp_path / "a.sgy"
    with pytest.raises(TfseisError, match="a file of its own for each result"):
        apply_facies(saved, cube, out, confidence=tmp_path / other, overwrite=True, progress=False)
    assert saved.read_bytes() == before
    assert not out.exists()
