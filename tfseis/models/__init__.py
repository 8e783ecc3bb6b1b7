"""Builders: plain functions that return a keras.Model giving float32 logits."""

from tfseis.backend import require_keras

require_keras()

from tfseis.models.backbone_unet import (  # noqa: E402
    backbone_unet,
    freeze_encoder,
    unfreeze_encoder,
)
from tfseis.models.backbone_weights import backbone_table  # noqa: E402
from tfseis.models.backbones import BACKBONES, Backbone  # noqa: E402
from tfseis.models.blocks import DenseMaxPooling, scse  # noqa: E402
from tfseis.models.image_layers import Colours, CropLike, PadToMultiple  # noqa: E402
from tfseis.models.patch_classifier import patch_classifier  # noqa: E402
from tfseis.models.recipe import (  # noqa: E402
    FaciesRecipe,
    RecipeLayer,
    SaltRecipe,
    recipe_for,
    recipe_of,
    with_recipe,
)
from tfseis.models.unet import unet  # noqa: E402

__all__ = [
    "BACKBONES",
    "Backbone",
    "Colours",
    "CropLike",
    "DenseMaxPooling",
    "FaciesRecipe",
    "PadToMultiple",
    "RecipeLayer",
    "SaltRecipe",
    "backbone_table",
    "backbone_unet",
    "freeze_encoder",
    "patch_classifier",
    "recipe_for",
    "recipe_of",
    "scse",
    "unet",
    "unfreeze_encoder",
    "with_recipe",
]
