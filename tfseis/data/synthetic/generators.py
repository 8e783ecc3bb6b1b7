"""Generators of fault surveys by name, for settings and commands."""

from typing import Protocol

from tfseis.data.synthetic.gaussian import gaussian_survey
from tfseis.data.synthetic.rift import rift_survey
from tfseis.data.synthetic.spectral import spectral_survey
from tfseis.data.synthetic.survey import FaultSurvey


class SurveyGenerator(Protocol):
    """A function that makes a fault survey of a shape; the seed alone decides which one."""

    def __call__(
        self, shape: tuple[int, int, int], *, seed: int = 0, salty: float = ...
    ) -> FaultSurvey:
        """See `tfseis.data.synthetic.gaussian_survey`."""


SURVEY_GENERATORS: dict[str, SurveyGenerator] = {
    "gaussian": gaussian_survey,
    "spectral": spectral_survey,
    "rift": rift_survey,
}
