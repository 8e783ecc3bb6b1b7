import numpy as np
import pytest

from tfseis.io import cube_pairs, write_cube


def test_folders_are_paired_by_name_in_order_of_number(tmp_path):
    for folder, names in (("seis", ("10", "2", "extra")), ("fault", ("2", "10"))):
        (tmp_path / folder).mkdir()
        for name in names:
            write_cube(tmp_path / folder / f"{name}.dat", np.ones((2, 2, 2)))
    (tmp_path / "seis" / "notes.txt").write_text("no cube")
    pairs = cube_pairs(tmp_path)
    assert [pair.name for pair in pairs] == ["2", "10", "extra"]
    assert pairs[0].faults == tmp_path / "fault" / "2.dat"
    assert pairs[2].faults is None


def test_folders_that_are_not_pairs_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"found no cube in seis/"):
        cube_pairs(tmp_path)
    for name in ("seis", "fault"):
        (tmp_path / name).mkdir()
    write_cube(tmp_path / "seis" / "0.dat", np.ones((2, 2, 2)))
    write_cube(tmp_path / "fault" / "1.dat", np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match=r"1 has none\. Give both"):
        cube_pairs(tmp_path)
    write_cube(tmp_path / "seis" / "0.npy", np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match="expected one file a cube"):
        cube_pairs(tmp_path)
