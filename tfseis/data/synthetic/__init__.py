"""Surveys, images and gathers whose answers are known. NumPy and SciPy only."""

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
    "SurveyLaws",
    "SyntheticSurvey",
    "facies_survey",
]
