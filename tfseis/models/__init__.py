"""Builders: plain functions that return a keras.Model giving float32 logits."""

from tfseis.backend import require_keras

require_keras()

from tfseis.models.attention_unet3d import attention_unet3d  # noqa: E402
from tfseis.models.backbone_unet import (  # noqa: E402
    backbone_unet,
    freeze_encoder,
    unfreeze_encoder,
)
from tfseis.models.backbone_weights import backbone_table  # noqa: E402
from tfseis.models.backbones import BACKBONES, Backbone  # noqa: E402
from tfseis.models.blocks import DenseMaxPooling, scse  # noqa: E402
from tfseis.models.blocks3d import CropTo  # noqa: E402
from tfseis.models.circular import CIRCULAR_NETWORKS, stacked, vanilla  # noqa: E402
from tfseis.models.circular_layers import PADDINGS, Padding  # noqa: E402
from tfseis.models.circular_unets import circular_unet, flexible, micro  # noqa: E402
from tfseis.models.fault_networks import FAULT_NETWORKS, fault_network  # noqa: E402
from tfseis.models.gather_unet import (  # noqa: E402
    GATHER_NETWORKS,
    gather_autoencoder,
    gather_unet,
)
from tfseis.models.image_layers import Colours, CropLike, PadToMultiple  # noqa: E402
from tfseis.models.light_unet import light_unet  # noqa: E402
from tfseis.models.light_unet3d import light_unet3d  # noqa: E402
from tfseis.models.model_cost import multiply_adds  # noqa: E402
from tfseis.models.patch_classifier import patch_classifier  # noqa: E402
from tfseis.models.pretrained import PRETRAINED, pretrained, write_pretrained  # noqa: E402
from tfseis.models.receptive_field import ReceptiveField, receptive_field  # noqa: E402
from tfseis.models.recipe import (  # noqa: E402
    BoreholeRecipe,
    FaciesRecipe,
    FaultRecipe,
    GatherRecipe,
    RecipeLayer,
    SaltRecipe,
    recipe_for,
    recipe_of,
    with_recipe,
)
from tfseis.models.recurrent_unet3d import recurrent_unet3d  # noqa: E402
from tfseis.models.residual_unet3d import unet_res1, unet_res2  # noqa: E402
from tfseis.models.supervised_unet3d import unet_ds  # noqa: E402
from tfseis.models.unet import unet  # noqa: E402
from tfseis.models.unet3d import unet3d  # noqa: E402
from tfseis.models.vnet import vnet, vnet_modified  # noqa: E402

__all__ = [
    "BACKBONES",
    "CIRCULAR_NETWORKS",
    "FAULT_NETWORKS",
    "GATHER_NETWORKS",
    "PADDINGS",
    "PRETRAINED",
    "Backbone",
    "BoreholeRecipe",
    "Colours",
    "CropLike",
    "CropTo",
    "DenseMaxPooling",
    "FaciesRecipe",
    "FaultRecipe",
    "GatherRecipe",
    "PadToMultiple",
    "Padding",
    "ReceptiveField",
    "RecipeLayer",
    "SaltRecipe",
    "attention_unet3d",
    "backbone_table",
    "backbone_unet",
    "circular_unet",
    "fault_network",
    "flexible",
    "freeze_encoder",
    "gather_autoencoder",
    "gather_unet",
    "light_unet",
    "light_unet3d",
    "micro",
    "multiply_adds",
    "patch_classifier",
    "pretrained",
    "receptive_field",
    "recipe_for",
    "recipe_of",
    "recurrent_unet3d",
    "scse",
    "stacked",
    "unet",
    "unet3d",
    "unet_ds",
    "unet_res1",
    "unet_res2",
    "unfreeze_encoder",
    "vanilla",
    "vnet",
    "vnet_modified",
    "with_recipe",
    "write_pretrained",
]
