"""One function a job: what the commands run."""

from tfseis.workflows.facies import facies
from tfseis.workflows.facies_training import Settings
from tfseis.workflows.predict import predict

__all__ = ["Settings", "facies", "predict"]
