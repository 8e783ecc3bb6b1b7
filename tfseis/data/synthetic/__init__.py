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

__all__ = [
    "DEFAULT_LAWS",
    "LAYERS",
    "TEXTURES",
    "BoreholeLaws",
    "Plane",
    "SurveyLaws",
    "SyntheticBorehole",
    "SyntheticSurvey",
    "borehole",
    "borehole_patches",
    "facies_survey",
]
