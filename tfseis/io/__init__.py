"""Files in, files out; knows formats, nothing of learning."""

from tfseis.io.segy import SegyCube, open_segy
from tfseis.io.segy_create import write_segy
from tfseis.io.segy_layout import Layout, read_layout
from tfseis.io.segy_output import check_output
from tfseis.io.segy_writer import SegyWriter, create_result

__all__ = [
    "Layout",
    "SegyCube",
    "SegyWriter",
    "check_output",
    "create_result",
    "open_segy",
    "read_layout",
    "write_segy",
]
