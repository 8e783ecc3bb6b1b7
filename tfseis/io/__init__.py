"""Files in, files out; knows formats, nothing of learning."""

from tfseis.io.arrays import CubePair, cube_pairs, read_cube, write_cube
from tfseis.io.boreholes import Patches, read_mask_table, read_patches
from tfseis.io.class_cube import ClassCube, open_class_cube
from tfseis.io.doctor import Diagnosis, describe, diagnose
from tfseis.io.faults import Sticks, read_faults, read_sticks, write_sticks
from tfseis.io.gather import Gather, gather_of
from tfseis.io.gather_output import copied_gathers, write_gathers
from tfseis.io.gathers import ChainedGathers, Gathers, open_gathers
from tfseis.io.horizon_facies import read_horizons
from tfseis.io.horizons import Horizon, read_horizon, write_horizon
from tfseis.io.image_folder import ImageFolder, read_images, read_test_images
from tfseis.io.images import read_image, read_mask
from tfseis.io.label_cube import LabelCube, open_label_cube, read_lines
from tfseis.io.label_files import read_labels, write_labels
from tfseis.io.labels import Labels, read_points, write_points
from tfseis.io.legend import Legend, legend_path, read_legend, write_legend
from tfseis.io.painted import read_painted, write_painted
from tfseis.io.polygons import Polygon, read_polygon, read_polygons, write_polygon
from tfseis.io.rle import decode_rle, encode_rle
from tfseis.io.segy import SegyCube, open_segy
from tfseis.io.segy_create import write_segy
from tfseis.io.segy_gathers import GATHER_KEYS, SegyGathers
from tfseis.io.segy_layout import Layout, read_layout
from tfseis.io.segy_opening import OPTIONS, Option, command_line
from tfseis.io.segy_output import check_output
from tfseis.io.segy_writer import SegyWriter, create_result
from tfseis.io.submission import check_submission, read_submission, write_submission

__all__ = [
    "GATHER_KEYS",
    "OPTIONS",
    "ChainedGathers",
    "ClassCube",
    "CubePair",
    "Diagnosis",
    "Gather",
    "Gathers",
    "Horizon",
    "ImageFolder",
    "LabelCube",
    "Labels",
    "Layout",
    "Legend",
    "Option",
    "Patches",
    "Polygon",
    "SegyCube",
    "SegyGathers",
    "SegyWriter",
    "Sticks",
    "check_output",
    "check_submission",
    "command_line",
    "copied_gathers",
    "create_result",
    "cube_pairs",
    "decode_rle",
    "describe",
    "diagnose",
    "encode_rle",
    "gather_of",
    "legend_path",
    "open_class_cube",
    "open_gathers",
    "open_label_cube",
    "open_segy",
    "read_cube",
    "read_faults",
    "read_horizon",
    "read_horizons",
    "read_image",
    "read_images",
    "read_labels",
    "read_layout",
    "read_legend",
    "read_lines",
    "read_mask",
    "read_mask_table",
    "read_painted",
    "read_patches",
    "read_points",
    "read_polygon",
    "read_polygons",
    "read_sticks",
    "read_submission",
    "read_test_images",
    "write_cube",
    "write_gathers",
    "write_horizon",
    "write_labels",
    "write_legend",
    "write_painted",
    "write_points",
    "write_polygon",
    "write_segy",
    "write_sticks",
    "write_submission",
]
