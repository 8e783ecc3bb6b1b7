"""One function a job: what the commands run."""

from tfseis.workflows.demo import demo
from tfseis.workflows.facies import facies
from tfseis.workflows.facies_scores import score_text
from tfseis.workflows.facies_training import Settings, settings_for
from tfseis.workflows.predict import predict
from tfseis.workflows.score import CubeScore, score

__all__ = [
    "CubeScore",
    "Settings",
    "demo",
    "facies",
    "predict",
    "score",
    "score_text",
    "settings_for",
]
