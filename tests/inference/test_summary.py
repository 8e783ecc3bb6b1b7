from tfseis.cli.command import main
from tfseis.inference.summary import summary
from tfseis.models import micro, patch_classifier, unet


def lines(model):
    return dict(line.split(maxsplit=1) for line in summary(model).splitlines())


def test_a_model_in_a_file(tmp_path, capsys):
    micro().save(tmp_path / "micro.keras")
    assert main(["summary", str(tmp_path / "micro.keras")]) == 0
    printed = capsys.readouterr().out
    assert "(any, 36, 1) float32, any in multiples of 4" in printed
    assert "parameters      3,705" in printed
    assert "receptive field 27 x 27 samples" in printed
    assert "halo            16 x 16 samples" in printed
    assert "carries no recipe" in printed
    assert "95 % of the gradient" in printed


def test_networks_of_other_jobs():
    assert lines(unet((None, None, 1), classes=2))["receptive"].endswith("92-100 x 92-100 samples")
    about = lines(patch_classifier((24, 24, 1), classes=3))
    assert about["receptive"].endswith("24 x 24 samples")
    assert about["multiply-adds"].startswith("992,400 for an input of 24 x 24 x 1")


def test_a_missing_file_is_refused(capsys):
    assert main(["summary", "nowhere.keras"]) == 1
    assert "there is no such file" in capsys.readouterr().err
