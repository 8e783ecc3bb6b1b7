from .azimuth.layers import PADDINGS as PADDINGS
from .azimuth.layers import Padding as Padding
from .azimuth.networks import CIRCULAR_NETWORKS as CIRCULAR_NETWORKS
from .azimuth.networks import stacked as stacked
from .azimuth.networks import vanilla as vanilla
from .azimuth.unets import circular_unet as circular_unet
from .azimuth.unets import flexible as flexible
from .azimuth.unets import micro as micro
from .cubes.attention_unet3d import attention_unet3d as attention_unet3d
from .cubes.blocks3d import CropTo as CropTo
from .cubes.light_unet3d import light_unet3d as light_unet3d
from .cubes.networks import FAULT_NETWORKS as FAULT_NETWORKS
from .cubes.networks import fault_network as fault_network
from .cubes.recurrent_unet3d import recurrent_unet3d as recurrent_unet3d
from .cubes.residual_unet3d import unet_res1 as unet_res1
from .cubes.residual_unet3d import unet_res2 as unet_res2
from .cubes.supervised_unet3d import unet_ds as unet_ds
from .cubes.unet3d import unet3d as unet3d
from .cubes.vnet import vnet as vnet
from .cubes.vnet import vnet_modified as vnet_modified
from .encoders.backbone_unet import backbone_unet as backbone_unet
from .encoders.backbone_unet import freeze_encoder as freeze_encoder
from .encoders.backbone_unet import unfreeze_encoder as unfreeze_encoder
from .encoders.backbones import BACKBONES as BACKBONES
from .encoders.backbones import Backbone as Backbone
from .encoders.image_layers import Colours as Colours
from .encoders.image_layers import CropLike as CropLike
from .encoders.image_layers import PadToMultiple as PadToMultiple
from .encoders.weights import backbone_table as backbone_table
from .model_cost import multiply_adds as multiply_adds
from .pretrained import PRETRAINED as PRETRAINED
from .pretrained import pretrained as pretrained
from .pretrained import write_pretrained as write_pretrained
from .receptive import ReceptiveField as ReceptiveField
from .receptive import receptive_field as receptive_field
from .recipe import (
    RecipeLayer as RecipeLayer,
    read_recipe as read_recipe,
    recipe_for as recipe_for,
    recipe_of as recipe_of,
    with_recipe as with_recipe,
)
from .sections.blocks import DenseMaxPooling as DenseMaxPooling
from .sections.blocks import scse as scse
from .sections.light_unet import light_unet as light_unet
from .sections.patch_classifier import patch_classifier as patch_classifier
from .sections.separable_unet import GATHER_NETWORKS as GATHER_NETWORKS
from .sections.separable_unet import gather_autoencoder as gather_autoencoder
from .sections.separable_unet import gather_unet as gather_unet
from .sections.unet import unet as unet
