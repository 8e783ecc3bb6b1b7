"""Pipelines: functions that return a tf.data.Dataset, and what feeds them."""

from tfseis.backend import require_keras

require_keras()

from tfseis.data.augment import ImageVariation  # noqa: E402
from tfseis.data.channels import CHANNELS, Channel, margins, named_channels, span  # noqa: E402
from tfseis.data.crops import Variation, Volume  # noqa: E402
from tfseis.data.gather_batches import (  # noqa: E402
    PatchLayout,
    blind_batches,
    synthetic_batches,
)
from tfseis.data.gather_channels import GATHER_CHANNELS, gather_channels  # noqa: E402
from tfseis.data.gathers import PatchIndex, gather_split, read_patch  # noqa: E402
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
    "GATHER_CHANNELS",
    "Channel",
    "Fold",
    "ImageSet",
    "ImageVariation",
    "PatchIndex",
    "PatchLayout",
    "Reach",
    "Scaling",
    "Section",
    "SurveyLaws",
    "Variation",
    "Volume",
    "all_patches",
    "blind_batches",
    "block_folds",
    "facies_survey",
    "find_sections",
    "gather_channels",
    "gather_split",
    "image_batches",
    "main_axis",
    "margins",
    "named_channels",
    "patch_dataset",
    "pick_points",
    "prepare",
    "read_patch",
    "read_region",
    "restore",
    "salt_mask",
    "section_volume",
    "span",
    "survey_scaling",
    "synthetic_batches",
]
