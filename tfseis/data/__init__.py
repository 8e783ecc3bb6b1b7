"""Pipelines: functions that return a tf.data.Dataset, and what feeds them."""

from tfseis.backend import require_keras

require_keras()

from tfseis.data.augment import ImageVariation  # noqa: E402
from tfseis.data.channels import CHANNELS, Channel, margins, named_channels, span  # noqa: E402
from tfseis.data.crops import Variation, Volume  # noqa: E402
from tfseis.data.image_batches import ImageSet, image_batches  # noqa: E402
from tfseis.data.patches import all_patches, patch_dataset  # noqa: E402
from tfseis.data.picks import pick_points  # noqa: E402
from tfseis.data.preparation import prepare, restore, salt_mask  # noqa: E402
from tfseis.data.regions import Reach, read_region  # noqa: E402
from tfseis.data.scaling import Scaling, survey_scaling  # noqa: E402
from tfseis.data.sections import Section, find_sections, main_axis, section_volume  # noqa: E402
from tfseis.data.splits import Fold, block_folds  # noqa: E402
from tfseis.data.synthetic import SurveyLaws, facies_survey  # noqa: E402

__all__ = [
    "CHANNELS",
    "Channel",
    "Fold",
    "ImageSet",
    "ImageVariation",
    "Reach",
    "Scaling",
    "Section",
    "SurveyLaws",
    "Variation",
    "Volume",
    "all_patches",
    "block_folds",
    "facies_survey",
    "find_sections",
    "image_batches",
    "main_axis",
    "margins",
    "named_channels",
    "patch_dataset",
    "pick_points",
    "prepare",
    "read_region",
    "restore",
    "salt_mask",
    "section_volume",
    "span",
    "survey_scaling",
]
