"""Files in, files out; knows formats, nothing of learning."""

from tfseis.io.doctor import Diagnosis, describe, diagnose
from tfseis.io.segy import SegyCube, open_segy
from tfseis.io.segy_create import write_segy
from tfseis.io.segy_layout import Layout, read_layout
from tfseis.io.segy_opening import OPTIONS, Option, command_line
from tfseis.io.segy_output import check_output
from tfseis.io.segy_writer import SegyWriter, create_result

__all__ = [
    "OPTIONS",
    "Diagnosis",
    "Layout",
    "Option",
    "SegyCube",
    "SegyWriter",
    "check_output",
    "command_line",
    "create_result",
    "describe",
    "diagnose",
    "open_segy",
    "read_layout",
    "write_segy",
]
