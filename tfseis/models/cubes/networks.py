"""3D networks with one logit a sample by the names that settings and the command line use."""

from collections.abc import Callable
from functools import partial

import keras

from tfseis.errors import ModelError
from tfseis.models.cubes.attention_unet3d import attention_unet3d
from tfseis.models.cubes.light_unet3d import light_unet3d
from tfseis.models.cubes.recurrent_unet3d import recurrent_unet3d
from tfseis.models.cubes.residual_unet3d import unet_res1, unet_res2
from tfseis.models.cubes.supervised_unet3d import unet_ds
from tfseis.models.cubes.unet3d import unet3d
from tfseis.models.cubes.vnet import vnet, vnet_modified

WIDE = (16, 48, 96, 192)  # wider below the finest level, whose cost is that of the light network

FAULT_NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "light": light_unet3d,
    "wide": partial(light_unet3d, filters=WIDE),
    "wu": unet3d,
    "vnet": vnet,
    "vnet-modified": vnet_modified,
    "res1": unet_res1,
    "res2": unet_res2,
    "ds8": partial(unet_ds, base=8),
    "ds16": partial(unet_ds, base=16),
    "ds32": partial(unet_ds, base=32),
    "attention": attention_unet3d,
    "recurrent": recurrent_unet3d,
}


def fault_network(name: str) -> keras.Model:
    """An untrained network of the table with one logit a sample.

    Args:
        name: a key of `FAULT_NETWORKS`.

    Raises:
        ModelError: there is no network of that name.
    """
    if name not in FAULT_NETWORKS:
        raise ModelError(
            f"Expected a fault network among {', '.join(FAULT_NETWORKS)}; got {name!r}. "
            "Choose one of these."
        )
    return FAULT_NETWORKS[name]()
