"""One function a job: what the commands run."""

from tfseis.workflows.boreholes import borehole_score_text, boreholes
from tfseis.workflows.boreholes_predict import predict_boreholes
from tfseis.workflows.boreholes_training import BoreholeSettings
from tfseis.workflows.demo import demo
from tfseis.workflows.facies import facies
from tfseis.workflows.facies_scores import score_text
from tfseis.workflows.facies_settings import DEFAULTS, Settings
from tfseis.workflows.fault_settings import FaultSettings
from tfseis.workflows.fault_table import fault_table
from tfseis.workflows.fault_training import train_faults
from tfseis.workflows.faults import FaultFiles, faults
from tfseis.workflows.gathers import denoiser, gather_score_text, train_gathers
from tfseis.workflows.gathers_apply import applied_text, apply_gathers, extract_gathers
from tfseis.workflows.gathers_training import GatherSettings
from tfseis.workflows.predict import predict
from tfseis.workflows.predict_images import predict_folder, predict_images
from tfseis.workflows.salt import salt, salt_text, submit
from tfseis.workflows.salt_training import SaltSettings
from tfseis.workflows.score import CubeScore, score
from tfseis.workflows.summary import summary

__all__ = [
    "DEFAULTS",
    "BoreholeSettings",
    "CubeScore",
    "FaultFiles",
    "FaultSettings",
    "GatherSettings",
    "SaltSettings",
    "Settings",
    "applied_text",
    "apply_gathers",
    "borehole_score_text",
    "boreholes",
    "demo",
    "denoiser",
    "extract_gathers",
    "facies",
    "fault_table",
    "faults",
    "gather_score_text",
    "predict",
    "predict_boreholes",
    "predict_folder",
    "predict_images",
    "salt",
    "salt_text",
    "score",
    "score_text",
    "submit",
    "summary",
    "train_faults",
    "train_gathers",
]
