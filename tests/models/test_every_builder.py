"""Every public builder: trained for a step, saved, loaded and served at sizes it was not built for.

The saved files are loaded in one fresh process, the SavedModels in another that lacks tfseis.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest

from tfseis import models
from tfseis.inference.any_size import of_any_size
from tfseis.learning.saving import load_model, save_model
from tfseis.models.encoders.libraries import DECODERS

ROOT = Path(__file__).resolve().parents[2]
THIN = (4, 6)
ANY = (None, None, 1)


@dataclass(frozen=True)
class Case:
    """A builder at small widths.

    Args:
        build: makes the network.
        sizes: sizes of images that it takes, the first for training.
        odd: a size that no pooling divides; None where the size is fixed.
        direct: whether the network itself takes it, else the function that exports it.
    """

    build: partial
    sizes: tuple[tuple[int, ...], ...]
    odd: tuple[int, ...] | None = None
    direct: bool = False


FLAT, SOLID = ((16, 32), (48, 16)), ((8, 8, 32), (16, 8, 16))
ODD, ODD_CUBE = (21, 13), (9, 11, 17)
WELL = ((16, 36), (24, 36))
flat = partial(Case, sizes=FLAT, odd=ODD)
solid = partial(Case, sizes=SOLID, odd=ODD_CUBE)
stack = partial(Case, sizes=WELL, odd=(13, 36), direct=True)
well = partial(Case, sizes=WELL)  # the job repeats the last row; columns go around the hole
WELLS = (None, 36, 1)
BUILDERS = {
    "vanilla": stack(partial(models.vanilla, WELLS, filters=THIN)),
    "stacked": stack(partial(models.stacked, WELLS, filters=THIN)),
    "circular_unet": well(partial(models.circular_unet, WELLS, filters=THIN)),
    "flexible": well(partial(models.flexible, WELLS, width=2)),
    "micro": well(partial(models.micro, WELLS, width=2)),
    "attention_unet3d": solid(partial(models.attention_unet3d, filters=THIN)),
    "light_unet3d": solid(partial(models.light_unet3d, filters=THIN)),
    "recurrent_unet3d": solid(partial(models.recurrent_unet3d, filters=THIN)),
    "unet_res1": solid(partial(models.unet_res1, filters=THIN)),
    "unet_res2": solid(partial(models.unet_res2, filters=THIN, depths=(1, 1))),
    "unet_ds": solid(partial(models.unet_ds, base=1)),
    "unet3d": solid(partial(models.unet3d, filters=THIN)),
    "vnet": solid(partial(models.vnet, filters=(2, 4, 4, 4, 4))),
    "vnet_modified": solid(partial(models.vnet_modified, filters=THIN)),
    "light_unet": Case(partial(models.light_unet, ANY, filters=(4, 6, 8, 8)), ((16, 32), (48, 16))),
    "unet": flat(partial(models.unet, ANY, classes=1, filters=THIN)),
    "gather_unet": flat(partial(models.gather_unet, ANY, filters=THIN)),
    "gather_autoencoder": flat(partial(models.gather_autoencoder, ANY)),
    "patch_classifier": Case(
        partial(models.patch_classifier, (9, 9, 1), classes=2, layout="cna cnap", filters=THIN),
        ((9, 9),),
    ),
    **{
        f"backbone_unet {decoder}": Case(
            partial(
                models.backbone_unet,
                ANY if decoder != "pspnet" else (48, 48, 1),
                backbone="vgg16" if decoder == "pspnet" else "resnet18",
                classes=1,
                weights=None,
                decoder=decoder,
                filters=(8, 8, 4, 4, 2),
            ),
            ((32, 64), (37, 50)) if decoder != "pspnet" else ((48, 48),),
            (33, 45) if decoder != "pspnet" else None,
            direct=True,
        )
        for decoder in DECODERS
    },
}
NO_BUILDERS = {  # public functions of the room that build no network
    "backbone_table",
    "fault_network",  # any of the cubes by name
    "freeze_encoder",
    "functional",
    "multiply_adds",
    "pretrained",
    "read_recipe",
    "receptive_field",
    "recipe_for",
    "recipe_of",
    "scse",
    "unfreeze_encoder",
    "with_recipe",
    "write_pretrained",
}
RELOAD = """
import json, sys
import numpy as np
import tfseis
from tfseis.inference.any_size import of_any_size

for folder, direct in json.loads(sys.argv[1]):
    model = tfseis.load_model(folder + '/model.keras')
    with np.load(folder + '/given.npz') as given:
        answers = {}
        for name, image in given.items():
            network = of_any_size(model) if name == 'odd' and not direct else model
            answers[name] = np.asarray(network(image))
        np.savez(folder + '/again.npz', **answers)
"""
SERVE = """
import importlib.abc, json, sys
import numpy as np

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tfseis":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import tensorflow as tf

for folder, direct in json.loads(sys.argv[1]):
    served = tf.saved_model.load(folder + '/saved')
    with np.load(folder + '/given.npz') as given:
        asked = {name: image for name, image in given.items() if name != 'odd' or direct}
        answers = {name: served.serve(image).numpy() for name, image in asked.items()}
        np.savez(folder + '/served.npz', **answers)
"""


def trained(case):
    """A network after a step, and the images that are shown to it, by name."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    model = case.build()
    sizes = {str(number): size for number, size in enumerate(case.sizes)}
    given = {
        name: rng.random((2, *size, 1), dtype="float32")
        for name, size in (sizes | ({"odd": case.odd} if case.odd else {})).items()
    }
    targets = rng.random((2, *model.compute_output_shape(given["0"].shape)[1:]), dtype="float32")
    model.compile("sgd", loss="mse", run_eagerly=True)  # the graph is that of the export
    model.fit(given["0"], targets, verbose=0)
    return model, given


FAST = [  # the networks that jobs take unless told otherwise; the others are slow tests
    *("circular_unet", "light_unet3d", "light_unet", "unet", "gather_unet"),
    "patch_classifier",
]
REST = [name for name in BUILDERS if name not in FAST]


@pytest.fixture(scope="module", params=[FAST, pytest.param(REST, marks=pytest.mark.slow)], ids=len)
def every(request, tmp_path_factory):
    """For each builder where it lies, what is shown to it, and what it answers."""
    home, found = tmp_path_factory.mktemp("builders"), {}
    for number, name in enumerate(request.param):
        case, folder = BUILDERS[name], home / str(number)
        folder.mkdir()
        model, given = trained(case)
        save_model(model, folder / "model.keras")
        model.export(folder / "saved", verbose=False)
        np.savez(folder / "given.npz", **given)
        answers = {}
        for size, image in given.items():
            whole = size != "odd" or case.direct
            answers[size] = np.asarray((model if whole else of_any_size(model))(image))
        found[name] = folder, given, answers
        keras.utils.clear_session()
    told = json.dumps([(str(found[name][0]), BUILDERS[name].direct) for name in found])
    for script in (RELOAD, SERVE):
        subprocess.run([sys.executable, "-c", script, told], cwd=ROOT, check=True)
    return found


def test_builders_answer_alike_when_loaded_and_when_served(every):
    for name, (folder, given, answers) in every.items():
        case = BUILDERS[name]
        assert answers.keys() == given.keys()
        for size, answer in answers.items():
            if case.odd:
                assert answer.shape[:-1] == given[size].shape[:-1]
            assert np.isfinite(answer).all()
            assert np.ptp(answer) > 0
        for file in ("again", "served"):
            with np.load(folder / f"{file}.npz") as stored:
                told = dict(stored)
            missing = set(answers) - set(told)
            assert missing <= ({"odd"} if file == "served" and not case.direct else set())
            for size, found in told.items():
                near = 1e-5 * max(1, np.ptp(answers[size]))
                about = f"{name} {file} {size}"
                np.testing.assert_allclose(found, answers[size], atol=near, err_msg=about)


def test_every_public_builder_is_here():
    public = {
        name
        for name in dir(models)
        if callable(getattr(models, name)) and name[0].islower() and name not in NO_BUILDERS
    }
    assert public == {name.partition(" ")[0] for name in BUILDERS}


def test_networks_of_images_convert_to_openvino_for_any_size(every):
    openvino = pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    from tfseis.inference.openvino_models import openvino_model

    for name in set(every) & {"light_unet", "backbone_unet fpn"}:
        folder, given, answers = every[name]
        model = load_model(folder / "model.keras")
        compiled = openvino.compile_model(
            openvino_model(model, model.input_shape), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
        )
        for size, image in given.items():
            near = 1e-4 * max(1, np.ptp(answers[size]))
            np.testing.assert_allclose(compiled(image)[0], answers[size], atol=near, err_msg=name)
