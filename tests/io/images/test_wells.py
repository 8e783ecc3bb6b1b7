import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tfseis.errors import FormatError, LabelError
from tfseis.io import read_mask_table, read_patches


def write(folder, patches, suffix=".npy"):
    folder.mkdir(parents=True, exist_ok=True)
    for (well, number), values in patches.items():
        path = folder / f"well_{well}_patch_{number}{suffix}"
        np.save(path, values) if suffix == ".npy" else Image.fromarray(values).save(path)


def noise(*keys, rows=5, columns=7):
    rng = np.random.default_rng(0)
    return {key: rng.normal(size=(rows, columns)).astype("float32") for key in keys}


def test_patches_come_by_well_and_number_and_what_is_broken_is_masked_dropped_and_counted(tmp_path):
    patches = noise((2, 10), (2, 9), (1, 0), (1, 1), (1, 2), (1, 3))
    patches[1, 0][0, 0] = -999.25
    patches[1, 0][1, 1] = np.nan
    patches[1, 1][:] = -999
    patches[1, 2][:] = 4.0
    patches[1, 3][:3] = np.inf  # 3 of 5 rows
    write(tmp_path, patches)
    found = read_patches(tmp_path, progress=False)
    assert found.names() == ["well_1_patch_0", "well_2_patch_9", "well_2_patch_10"]
    assert found.valid[0].sum() == 33
    assert found.images[0, 0, 0] == found.images[0, 1, 1] == 0
    np.testing.assert_array_equal(found.images[1], patches[2, 9])
    assert dict(found.counts) == {
        "patches": 6,
        "patches with the sentinel": 2,
        "patches with NaN or infinity": 2,
        "constant or empty patches": 2,
        "samples masked": 2 + 35 + 21,
        "patches dropped": 3,
    }


def test_pictures_and_masks_in_folders(tmp_path):
    grey = {
        key: (values * 30 + 120).astype("uint8") for key, values in noise((1, 0), (1, 1)).items()
    }
    masks = {(1, 0): np.full((5, 7), 255, "uint8"), (1, 1): np.zeros((5, 7), "uint8")}
    write(tmp_path / "images", grey, ".png")
    write(tmp_path / "masks", masks, ".png")
    found = read_patches(tmp_path, progress=False)
    np.testing.assert_array_equal(found.images[0], grey[1, 0])
    assert found.masks.mean((1, 2)).tolist() == [1, 0]


def test_a_csv_of_masks_in_another_order_and_with_gaps(tmp_path):
    patches = noise((1, 0), (1, 1), (2, 0), rows=4, columns=4)
    patches[1, 0][0, 0] = np.nan
    write(tmp_path / "images", patches)
    rows = {
        "well_2_patch_0": np.arange(16) % 3 == 0,
        "well_1_patch_0": np.arange(16) < 5,
        "well_1_patch_8": np.zeros(16, bool),
    }
    pd.DataFrame(rows).T.astype(int).to_csv(tmp_path / "labels.csv")
    found = read_patches(tmp_path, labels=tmp_path / "labels.csv", progress=False)
    assert found.masks[0].ravel().tolist() == [-1, 1, 1, 1, 1] + [0] * 11
    assert (found.masks[1] == -1).all()  # not labelled
    assert found.masks[2].ravel().tolist() == (np.arange(16) % 3 == 0).astype(int).tolist()
    assert found.counts["well 1: patches or label rows without partner"] == 2
    assert read_mask_table(tmp_path / "labels.csv")[1, 0].shape == (4, 4)


def test_what_no_label_says_is_unlabelled(tmp_path):
    write(tmp_path / "images", noise((1, 0), (1, 1), rows=2, columns=3))
    mask = np.array([[np.nan, 0, 1], [-1, 255, np.inf]])
    write(tmp_path / "masks", {(1, 0): mask})
    (tmp_path / "labels.csv").write_text("name;0;1;2;3;4;5\nwell_1_patch_0;;0;1;-1;255;nan\n")
    for labels in (None, tmp_path / "labels.csv"):
        found = read_patches(tmp_path, labels=labels, progress=False)
        assert found.masks[0].tolist() == [[-1, 0, 1], [-1, 1, -1]]
        assert (found.masks[1] == -1).all()


def test_arrays_that_are_no_real_numbers_are_refused(tmp_path):
    np.save(tmp_path / "well_1_patch_0.npy", np.zeros((4, 4), complex))
    with pytest.raises(FormatError, match=r"patch_0\.npy: .*complex128, no real numbers"):
        read_patches(tmp_path, progress=False)


def test_a_table_that_is_wrong_is_named_in_a_line(tmp_path):
    (tmp_path / "labels.csv").write_text("name,0\nwell_1_patch_0," + "x" * 5000 + "\n")
    with pytest.raises(LabelError, match="one number a pixel") as caught:
        read_mask_table(tmp_path / "labels.csv")
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


def test_labels_that_are_not_there_are_named(tmp_path):
    write(tmp_path / "images", noise((1, 0)))
    with pytest.raises(LabelError, match=r"none\.csv: expected a CSV file of masks or a folder"):
        read_patches(tmp_path, labels=tmp_path / "none.csv", progress=False)


def test_refusals(tmp_path):
    with pytest.raises(FormatError, match="expected a folder of patches; there is none"):
        read_patches(tmp_path / "nowhere")
    with pytest.raises(FormatError, match=r"expected files well_W_patch_P\.npy or \.png; got none"):
        read_patches(tmp_path)
    write(tmp_path, noise((1, 0), (1, 1)))
    np.save(tmp_path / "well_1_patch_2.npy", np.zeros((4, 7)))
    with pytest.raises(FormatError, match=r"one size, \(5, 7\); well_1_patch_2 is \(4, 7\)"):
        read_patches(tmp_path, progress=False)
    np.save(tmp_path / "well_1_patch_2.npy", np.zeros(7))
    with pytest.raises(FormatError, match=r"expected rows and columns; got shape \(7,\)"):
        read_patches(tmp_path, progress=False)
    (tmp_path / "well_1_patch_2.npy").write_bytes(b"not an array")
    with pytest.raises(FormatError, match=r"patch_2\.npy: expected an array or a picture"):
        read_patches(tmp_path, progress=False)
    (tmp_path / "well_1_patch_2.npy").rename(tmp_path / "well_1_patch_1.png")
    with pytest.raises(FormatError, match="expected one file a patch"):
        read_patches(tmp_path, progress=False)


def test_labels_that_fit_no_patch_are_refused(tmp_path):
    write(tmp_path / "images", noise((1, 0)))
    write(tmp_path / "far", noise((9, 0)))
    with pytest.raises(LabelError, match="masks named like the patches, such as well_1_patch_0"):
        read_patches(tmp_path, labels=tmp_path / "far", progress=False)
    write(tmp_path / "small", noise((1, 0), rows=3))
    with pytest.raises(LabelError, match=r"of the patches' size, \(5, 7\); well_1_patch_0 is \(3"):
        read_patches(tmp_path, labels=tmp_path / "small", progress=False)
    (tmp_path / "labels.csv").write_text("name,0,1,2\nwell_1_patch_0,0,1,0\n")
    with pytest.raises(LabelError, match=r"such as 1296; got 3 columns and 0 other names"):
        read_mask_table(tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text("name,0\nwell_1_patch_0,dark\n")
    with pytest.raises(LabelError, match="a name and one number a pixel"):
        read_mask_table(tmp_path / "labels.csv")


def test_real_patches(data):
    found = read_patches(data / "borehole", progress=False)
    assert found.counts["patches"] == 1688
    assert found.counts["patches with the sentinel"] == 161
    assert found.counts["patches with NaN or infinity"] == 2
    assert found.counts["constant or empty patches"] == 4
    assert np.isfinite(found.images).all()
    assert found.masks is None
    assert np.unique(found.wells).tolist() == [1, 6, 14, 15]
