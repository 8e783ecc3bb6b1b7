"""Surveys, images and gathers whose answers are known. NumPy and SciPy only."""

from tfseis.data.synthetic.boreholes import (
    BoreholeLaws,
    Plane,
    SyntheticBorehole,
    borehole,
    borehole_patches,
)
from tfseis.data.synthetic.facies import (
    DEFAULT_LAWS,
    LAYERS,
    TEXTURES,
    SurveyLaws,
    SyntheticSurvey,
    facies_survey,
)
from tfseis.data.synthetic.gather_settings import GatherLaws
from tfseis.data.synthetic.gathers import SyntheticGather, synthetic_gather
from tfseis.data.synthetic.gaussian import gaussian_survey
from tfseis.data.synthetic.rift import rift_survey
from tfseis.data.synthetic.salt import salt_images
from tfseis.data.synthetic.spectral import spectral_survey
from tfseis.data.synthetic.survey import FaultSurvey

FAULT_LAWS = {  # by name, for commands
    "gaussian": gaussian_survey,
    "spectral": spectral_survey,
    "rift": rift_survey,
}

__all__ = [
    "DEFAULT_LAWS",
    "FAULT_LAWS",
    "LAYERS",
    "TEXTURES",
    "BoreholeLaws",
    "FaultSurvey",
    "GatherLaws",
    "Plane",
    "SurveyLaws",
    "SyntheticBorehole",
    "SyntheticGather",
    "SyntheticSurvey",
    "borehole",
    "borehole_patches",
    "facies_survey",
    "gaussian_survey",
    "rift_survey",
    "salt_images",
    "spectral_survey",
    "synthetic_gather",
]
