"""Builders: plain functions that return a keras.Model giving float32 logits."""

from tfseis.backend import require_keras

require_keras()

from tfseis.models.blocks import DenseMaxPooling  # noqa: E402
from tfseis.models.patch_classifier import patch_classifier  # noqa: E402
from tfseis.models.recipe import (  # noqa: E402
    FaciesRecipe,
    RecipeLayer,
    SaltRecipe,
    recipe_for,
    recipe_of,
    with_recipe,
)
from tfseis.models.unet2d import unet2d  # noqa: E402

__all__ = [
    "DenseMaxPooling",
    "FaciesRecipe",
    "RecipeLayer",
    "SaltRecipe",
    "patch_classifier",
    "recipe_for",
    "recipe_of",
    "unet2d",
    "with_recipe",
]
