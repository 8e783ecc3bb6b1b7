"""2D lines as files, and a fault model whose answers are known."""

import keras
import numpy as np
import segyio

from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import with_recipe


def edge_model(gain=6.0, **changes):
    """Says fault where amplitudes change most along crosslines: known, and not symmetric."""
    values = {
        "network": "edge",
        "crop_size": 16,
        "window": 16,
        "overlap": 4,
        "threshold": 0.5,
        "scaling": {},
        "seed": 0,
        "version": "0",
    }
    inputs = keras.Input((None, None, None, 1))
    logits = keras.layers.Conv3D(1, (1, 3, 1), padding="same")(inputs)
    network = keras.Model(inputs, logits)
    kernel = np.array([-1, 0.2, 1], "float32").reshape(1, 3, 1, 1, 1) * gain
    network.set_weights([kernel, np.full(1, -gain, "float32")])
    return with_recipe(network, FaultRecipe(**values | changes))


def write_line(path, section):
    """A 2D line as it comes: CDP numbers at byte 21, no inline and crossline numbers."""
    spec = segyio.spec()
    spec.format, spec.tracecount = 5, len(section)
    spec.samples = 4.0 * np.arange(section.shape[1])
    with segyio.create(path, spec) as file:
        file.bin.update({3217: 4000})
        for number, trace in enumerate(section):
            file.header[number] = {21: 700 + number, 181: 500_000 + 25 * number, 185: 6_000_000}
            file.trace[number] = trace
