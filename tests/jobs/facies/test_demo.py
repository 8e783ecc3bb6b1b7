import pytest

from tfseis.errors import OutputError
from tfseis.jobs.facies.demo import demo


def test_files_of_others_are_never_removed(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds files"):
        demo(tmp_path)
    with pytest.raises(OutputError, match="of somebody else"):
        demo(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_demo_beats_every_baseline(tmp_path, capsys, seed):
    assert demo(tmp_path / "demo", seed=seed)
    assert capsys.readouterr().out.rstrip().splitlines()[-1].startswith("random training points")
    for name in ("facies.sgy", "confidence.sgy", "report.html", "model.keras"):
        assert (tmp_path / "demo" / name).exists()
