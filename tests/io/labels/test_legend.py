import pytest

from tfseis.errors import FormatError, LabelError
from tfseis.io.labels.legend import PALETTE, Legend, legend_path, read_legend, write_legend


def test_standard_legends():
    legend = Legend.of([f"class {i}" for i in range(20)])
    assert len(legend) == 20
    assert legend.codes == tuple(range(20))
    assert len(set(legend.colours[: len(PALETTE)])) == len(PALETTE)
    assert Legend.of(["a", "b"], [3, 7]).lines() == ["3 = a", "7 = b"]


def test_written_legends_are_read_back(tmp_path):
    legend = Legend((0, 3, 12), ("NA", 'salt, "old"', "Überlagert"), ("#000000", "#a1B2c3", ""))
    write_legend(tmp_path / "a.csv", legend)
    assert read_legend(tmp_path / "a.csv") == legend


def test_a_legend_by_hand_in_any_order(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name,note,code,colour\nsalt,x,3,#d62728\nnull,y,1,#000000\n")
    assert read_legend(path) == Legend((1, 3), ("null", "salt"), ("#000000", "#d62728"))


LEGEND = "code,name,colour\n0,Salz süß,#112233\n1,chalk,#44556a\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize(
    "text",
    [
        LEGEND,
        LEGEND.replace("\n", "\r\n"),
        LEGEND.replace("\n", "\r"),
        LEGEND.replace(",", ";"),
        LEGEND.replace(",", "\t"),
        LEGEND.replace(",", ", "),
        LEGEND.replace("code,name,colour", "Code,NAME,Color"),
        LEGEND.replace("0,S", "0.0,S").replace("1,c", "1.0,c"),
        LEGEND.replace("#", ""),
    ],
)
def test_legends_of_spreadsheets(tmp_path, text, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert read_legend(path) == Legend((0, 1), ("Salz süß", "chalk"), ("#112233", "#44556a"))


@pytest.mark.parametrize("name", [" salt ", "a;b", "a\tb", "\u00a0", "x\u2212y", "1.0"])
def test_names_are_read_back_as_they_are(tmp_path, name):
    legend = Legend((1, 2), (name, "b"), ("#000000", "red"))
    write_legend(tmp_path / "a.csv", legend)
    assert read_legend(tmp_path / "a.csv") == legend


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code,name\n1,a\n",
        "code,name,colour\nx,a,#000000\n",
        "code,name,colour\n,a,#000000\n",
        "code,name,colour\n1.5,a,#000000\n",
        "code,name,colour\n1,a,#0,0,0\n1,2,3,4,5,6,7\n",
    ],
)
def test_what_is_no_legend_is_refused(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=r"a.csv: expected a CSV with the columns code, name"):
        read_legend(path)


def test_a_missing_legend_and_one_that_is_no_text(tmp_path):
    with pytest.raises(FormatError, match="expected a CSV"):
        read_legend(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00code")
    with pytest.raises(FormatError, match="expected a CSV"):
        read_legend(tmp_path / "a.csv")


def test_codes_come_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,name,colour\n1,a,#000000\n1,b,#000000\n")
    with pytest.raises(LabelError, match="each code once; 1 comes twice"):
        read_legend(path)


def test_the_legend_lies_beside_its_cube(tmp_path):
    assert legend_path(tmp_path / "facies.sgy") == tmp_path / "facies.classes.csv"
    assert legend_path("facies.v2.sgy").name == "facies.v2.classes.csv"
