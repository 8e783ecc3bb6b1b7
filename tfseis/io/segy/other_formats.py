"""Files of other formats that are given as SEG-Y, recognised by how they begin."""

import struct
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.segy.layout import BINARY_END, DTYPES, HEADER_BYTES, ORDERS, TEXT_BYTES
from tfseis.io.segy.text import is_text

LABEL_BYTES = 128  # a tape label, which some files have before the textual header
FORMAT_PLACE = 3224  # of the format code in a SEG-Y file
UNPACK = "Unpack it first ({})"
WRAP = "Open its array with {} and give it as tfseis.io.ArrayCube, or export it as SEG-Y"
OURS = "Open it with tfseis.open_cube, or run tfseis convert; its name must end in {}"
FIELD = "Convert it to SEG-Y with ObsPy, or with the software of the field"
SEGD = "a SEG-D file of field records", "Export it from processing software as SEG-Y"
KNOWN = (  # format, what opens it, how such files begin, how their names end
    ("a file compressed with gzip", UNPACK.format("gunzip"), (b"\x1f\x8b",), ()),
    ("a zip archive", UNPACK.format("unzip"), (b"PK\x03\x04",), ()),
    ("a file compressed with bzip2", UNPACK.format("bunzip2"), (b"BZh",), ()),
    ("a file compressed with xz", UNPACK.format("unxz"), (b"\xfd7zXZ\0",), ()),
    ("a 7z archive", UNPACK.format("7z x"), (b"7z\xbc\xaf\x27\x1c",), ()),
    ("a file compressed with zstd", UNPACK.format("unzstd"), (b"\x28\xb5\x2f\xfd",), ()),
    ("a ZGY file", OURS.format(".zgy"), (b"VBS\0", b"VCS\0"), (".zgy",)),
    ("a VDS file", OURS.format(".vds"), (b"HueDataStore",), (".vds",)),
    ("a CBVS file of OpendTect", "Export it from OpendTect as SEG-Y", (b"dGB",), (".cbvs",)),
    (
        "an HDF5 file (or NetCDF 4)",
        WRAP.format("h5py"),
        (b"\x89HDF\r\n\x1a\n",),
        (".h5", ".hdf5"),
    ),
    ("a NetCDF file", WRAP.format("xarray"), (b"CDF\1", b"CDF\2", b"CDF\5"), (".nc",)),
    ("a NumPy array", "Give it with the ending .npy", (b"\x93NUMPY",), ()),
    ("a MATLAB file", WRAP.format("scipy.io"), (b"MATLAB 5.0",), (".mat",)),
    ("a SEG-2 file", FIELD, (b"\x55\x3a", b"\x3a\x55"), (".sg2", ".seg2")),
    (*SEGD, (), (".segd", ".sgd")),
    ("a PDF document", "Choose the SEG-Y file", (b"%PDF",), ()),
    ("a PNG image", "Choose the SEG-Y file", (b"\x89PNG",), ()),
)
TAR_PLACE, TAR = 257, b"ustar"
MDIO = OURS.format(".zarr or .mdio")
FOLDERS = (  # a file in it, format, what opens it
    *((n, "a Zarr or MDIO store", MDIO) for n in (".zmetadata", ".zgroup", ".zattrs", ".zarray")),
    ("zarr.json", "a Zarr or MDIO store", MDIO),
    ("TraceFile", "a JavaSeis data set", "Export it from processing software as SEG-Y"),
    ("FileProperties.xml", "a JavaSeis data set", "Export it from processing software as SEG-Y"),
)
SEGD_FORMATS = (0x8015, 0x8022, 0x8024, 0x8036, 0x8038, 0x8042, 0x8044, 0x8048, 0x8058)
LEAST_HEADER = 32  # bytes of the first general header of SEG-D
COUNT_PLACE = 114  # of number and interval of samples in a trace header
LEAST_TRACES = 3  # traces of a Seismic Unix file that show what it is


def refuse_other_formats(path: Path, data: bytes) -> None:
    """Refuse a file or folder that is known to be of another format.

    Args:
        path: the file, or a folder.
        data: its first 3600 bytes, or all if it is shorter; empty for a folder.

    Raises:
        FormatError: it is; the message says what it is, and what opens it.
    """
    found = _folder(path) if path.is_dir() else _file(path, data)
    if found:
        what, remedy = found
        raise FormatError(f"{path}: expected a SEG-Y file, got {what}. {remedy}.")


def _folder(path: Path) -> tuple[str, str] | None:
    for name, what, program in FOLDERS:
        if (path / name).exists():
            return f"the folder of {what}", program
    return None


def _file(path: Path, data: bytes) -> tuple[str, str] | None:
    if _is_segy(data):
        return None
    for recognise in (_by_beginning, _behind_label, _segd, _seismic_unix, _by_ending):
        if found := recognise(path, data):
            return found
    return None


def _by_beginning(_: Path, data: bytes) -> tuple[str, str] | None:
    for what, remedy, beginnings, _ends in KNOWN:
        if data.startswith(beginnings):
            return what, remedy
    tar = data[TAR_PLACE : TAR_PLACE + len(TAR)] == TAR
    return ("a tar archive", UNPACK.format("tar xf")) if tar else None


def _by_ending(path: Path, data: bytes) -> tuple[str, str] | None:
    if _has_code(data):
        return None
    ending = path.suffix.lower()
    return next(((what, remedy) for what, remedy, _, ends in KNOWN if ending in ends), None)


def _is_segy(data: bytes) -> bool:
    """Whether a textual header and a known format code lie where SEG-Y has them."""
    return len(data) == BINARY_END and _has_code(data) and is_text(data[:TEXT_BYTES])


def _has_code(data: bytes) -> bool:
    code = data[FORMAT_PLACE : FORMAT_PLACE + 2]
    return not {int.from_bytes(code, "big"), int.from_bytes(code, "little")}.isdisjoint(DTYPES)


def _behind_label(path: Path, _: bytes) -> tuple[str, str] | None:
    """SEG-Y that begins after 128 bytes."""
    with path.open("rb") as file:
        label = file.read(LABEL_BYTES)
        if not (is_text(label) and _is_segy(file.read(BINARY_END))):
            return None
    copy = f"tail -c +{LABEL_BYTES + 1} {path.name} > copy.sgy"
    return f"SEG-Y behind a tape label of {LABEL_BYTES} bytes", f"Cut it off ({copy})"


def _segd(_: Path, data: bytes) -> tuple[str, str] | None:
    """The general header of SEG-D, with or without its label."""
    if len(data) <= LABEL_BYTES + LEAST_HEADER:
        return None
    for place in (0, LABEL_BYTES):
        code = int.from_bytes(data[place + 2 : place + 4], "big")
        digits = [half for byte in data[place : place + 2] for half in (byte >> 4, byte & 15)]
        labelled = place == 0 or data[4:6] == b"SD"
        if code in SEGD_FORMATS and max(digits) <= 9 and labelled:  # file number in decimals
            return SEGD
    return None


def _seismic_unix(path: Path, data: bytes) -> tuple[str, str] | None:
    traces = _unix_traces(path, data)
    if traces is None:
        return None
    what = f"({traces[0]} traces of {traces[1]} samples, no file header)"
    convert = f"segyhdrs < {path.name} | segywrite tape=cube.sgy"
    return f"a Seismic Unix file {what}", f"Convert it ({convert})"


def _unix_traces(path: Path, data: bytes) -> tuple[int, int] | None:
    """Number of traces and samples if the file is nothing but traces of one length."""
    if len(data) < HEADER_BYTES:
        return None
    size = path.stat().st_size
    for order in ORDERS.values():
        samples, interval = struct.unpack_from(order + "HH", data, COUNT_PLACE)
        traces, rest = divmod(size, HEADER_BYTES + 4 * samples)
        if rest or traces < LEAST_TRACES or not samples or not interval:
            continue
        with path.open("rb") as file:
            for trace in (1, traces // 2, traces - 1):
                file.seek(trace * (HEADER_BYTES + 4 * samples) + COUNT_PLACE)
                if struct.unpack(order + "HH", file.read(4)) != (samples, interval):
                    break
            else:
                return traces, samples
    return None
