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
    "SaltSettings",
    "Settings",
    "borehole_score_text",
    "boreholes",
    "demo",
    "facies",
    "fault_table",
    "faults",
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
]
