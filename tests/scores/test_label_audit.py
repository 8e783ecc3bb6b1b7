import numpy as np

from tfseis.scores.label_audit import label_audit


def line(column, width, rows=6, columns=12):
    mask = np.zeros((rows, columns), int)
    mask[:, np.arange(column, column + width) % columns] = 1
    return mask


def test_shifted_thick_missing_and_good_labels_are_ranked():
    nothing = np.zeros((6, 12), int)
    unknown = line(3, 2)
    unknown[:, :6] = -1
    masks = np.stack([line(4, 2), line(11, 2), line(5, 4), nothing, nothing, unknown])
    found = np.stack([line(4, 2), line(1, 2), line(6, 2), line(8, 1), nothing, line(3, 2)])
    table = label_audit(masks, found, list("abcdef")).set_index("name")
    assert table.index.tolist() == ["b", "d", "c", "a"]  # e and f show nothing to compare
    assert table.loc["b", ["disagreement", "offset", "thickness"]].tolist() == [1, 2, 0]
    assert table.loc["c", "thickness"] == 2
    assert table.loc["c", "disagreement"] == 1 - 2 * 12 / 36
    assert np.isnan(table.loc["d", "thickness"])
    assert table.loc["a", ["disagreement", "offset", "thickness"]].tolist() == [0, 0, 0]
