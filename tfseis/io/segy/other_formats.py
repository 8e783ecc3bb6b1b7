"""Files of other formats that are given as SEG-Y, recognised by how they begin."""

import struct
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.segy.layout import BINARY_END, DTYPES, HEADER_BYTES, ORDERS, TEXT_BYTES
from tfseis.io.segy.text import is_text

LABEL_BYTES = 128  # a tape label, which some files have before the textual header
FORMAT_PLACE = 3224  # of the format code in a SEG-Y file
UNPACK = "Unpack it first ({command})"
CONVERT = "Export it from {program} as SEG-Y"
WRAP = "Open the array with {program} and give it as tfseis.io.ArrayCube, or export it as SEG-Y"
BEGINNINGS = (  # offset, bytes, format, what opens it
    (0, b"\x1f\x8b", "compressed with gzip", UNPACK.format(command="gunzip")),
    (0, b"PK\x03\x04", "a zip archive", UNPACK.format(command="unzip")),
    (0, b"BZh", "compressed with bzip2", UNPACK.format(command="bunzip2")),
    (0, b"\xfd7zXZ\0", "compressed with xz", UNPACK.format(command="unxz")),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK.format(command="7z x")),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd", UNPACK.format(command="unzstd")),
    (257, b"ustar", "a tar archive", UNPACK.format(command="tar xf")),
    (0, b"VBS\0", "a ZGY file", CONVERT.format(program="Petrel, or with OpenZGY's zgycopy,")),
    (0, b"HueDataStore", "a VDS file", CONVERT.format(program="OpenVDS (VDSCopy, SEGYExport)")),
    (0, b"dGB", "a CBVS file of OpendTect", CONVERT.format(program="OpendTect")),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (or NetCDF 4)", WRAP.format(program="h5py")),
    (0, b"CDF\x01", "a NetCDF file", WRAP.format(program="xarray")),
    (0, b"CDF\x02", "a NetCDF file", WRAP.format(program="xarray")),
    (0, b"CDF\x05", "a NetCDF file", WRAP.format(program="xarray")),
    (0, b"\x93NUMPY", "a NumPy array", "Give it with the ending .npy"),
    (0, b"MATLAB 5.0", "a MATLAB file", WRAP.format(program="scipy.io")),
    (0, b"\x55\x3a", "a SEG-2 file", "Convert it to SEG-Y with ObsPy, or with your field software"),
    (0, b"\x3a\x55", "a SEG-2 file", "Convert it to SEG-Y with ObsPy, or with your field software"),
    (0, b"%PDF", "a PDF document", "Choose the SEG-Y file"),
    (0, b"\x89PNG", "a PNG image", "Choose the SEG-Y file"),
)
FOLDERS = (  # a file in it, format
    (".zmetadata", "a Zarr or MDIO store"),
    (".zgroup", "a Zarr or MDIO store"),
    (".zattrs", "a Zarr or MDIO store"),
    (".zarray", "a Zarr or MDIO store"),
    ("zarr.json", "a Zarr or MDIO store"),
    ("TraceFile", "a JavaSeis data set"),
    ("FileProperties.xml", "a JavaSeis data set"),
)
SEGD_FORMATS = (0x8015, 0x8022, 0x8024, 0x8036, 0x8038, 0x8042, 0x8044, 0x8048, 0x8058)
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
    for name, what in FOLDERS:
        if (path / name).exists():
            program = "zarr, or MDIO's mdio segy export," if "Zarr" in what else "JavaSeis"
            return f"the folder of {what}", WRAP.format(program=program)
    return None


def _file(path: Path, data: bytes) -> tuple[str, str] | None:
    for offset, start, what, remedy in BEGINNINGS:
        if data[offset : offset + len(start)] == start and not _is_segy(data):
            return f"a file that is {what}" if what.startswith("comp") else what, remedy
    if _is_segy(data):
        return None
    if path.is_file() and _has_label(path):
        copy = f"tail -c +{LABEL_BYTES + 1} {path.name} > copy.sgy"
        return f"SEG-Y behind a tape label of {LABEL_BYTES} bytes", f"Cut it off ({copy})"
    if _is_segd(data):
        return "a SEG-D file of field records", CONVERT.format(program="processing software")
    if traces := _unix_traces(path, data):
        return (
            f"a Seismic Unix file ({traces[0]} traces of {traces[1]} samples, no file header)",
            f"Convert it: segyhdrs < {path.name} | segywrite tape=cube.sgy",
        )
    return None


def _is_segy(data: bytes) -> bool:
    """Whether a textual header and a known format code lie where SEG-Y has them."""
    codes = {int.from_bytes(data[FORMAT_PLACE : FORMAT_PLACE + 2], o) for o in ("big", "little")}
    return len(data) == BINARY_END and not codes.isdisjoint(DTYPES) and is_text(data[:TEXT_BYTES])


def _has_label(path: Path) -> bool:
    """Whether the file is SEG-Y after the first 128 bytes."""
    with path.open("rb") as file:
        label = file.read(LABEL_BYTES)
        return is_text(label) and _is_segy(file.read(BINARY_END))


def _is_segd(data: bytes) -> bool:
    """Whether the general header of SEG-D begins the file, with or without its label."""
    if len(data) <= LABEL_BYTES + 32:
        return False
    for place in (0, LABEL_BYTES):
        code = int.from_bytes(data[place + 2 : place + 4], "big")
        digits = [half for byte in data[place : place + 2] for half in (byte >> 4, byte & 15)]
        labelled = place == 0 or data[4:6] == b"SD"
        if code in SEGD_FORMATS and max(digits) <= 9 and labelled:
            return True
    return False


def _unix_traces(path: Path, data: bytes) -> tuple[int, int] | None:
    """Number of traces and samples if the file is nothing but traces of one length."""
    if len(data) < HEADER_BYTES:
        return None
    size = path.stat().st_size
    for order in ORDERS.values():
        samples, interval = struct.unpack_from(order + "HH", data, 114)
        traces, rest = divmod(size, HEADER_BYTES + 4 * samples)
        if rest or traces < LEAST_TRACES or not samples or not interval:
            continue
        with path.open("rb") as file:
            for trace in (1, traces // 2, traces - 1):
                file.seek(trace * (HEADER_BYTES + 4 * samples) + 114)
                if struct.unpack(order + "HH", file.read(4)) != (samples, interval):
                    break
            else:
                return traces, samples
    return None
