import keras
import numpy as np
import pytest

from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.models import with_recipe

RECIPE = SaltRecipe(
    network="light",
    size=16,
    preparation="pad",
    image_size=13,
    channels=("image",),
    threshold=0.5,
    smallest=4,
    seed=0,
    version="0",
)


@pytest.fixture(scope="session")
def salt_model() -> tuple[keras.Model, SaltRecipe]:
    """Knows up from left: its kernel is not symmetric."""
    keras.utils.set_random_seed(0)
    images = keras.Input((None, None, 1))
    logits = keras.layers.Conv2D(1, 3, padding="same")(images)
    network = keras.Model(images, logits)
    kernel = np.arange(-4, 5, dtype="float32").reshape(3, 3, 1, 1)
    network.set_weights([kernel, np.full(1, 0.1, "float32")])
    return with_recipe(network, RECIPE), RECIPE
