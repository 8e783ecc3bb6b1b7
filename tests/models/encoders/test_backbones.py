"""Encoders: what they are, what they expect, their weights; networks on them, reloaded."""

import json
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.learning import load_model
from tfseis.models import BACKBONES, backbone_unet, freeze_encoder, scse, unfreeze_encoder
from tfseis.models.encoders.backbones import FIRST
from tfseis.models.encoders.image_layers import ChannelSlice, CropLike, PadToMultiple, ScaledSum
from tfseis.models.encoders.libraries import DECODERS, SCALES, bare_encoder
from tfseis.models.encoders.weights import COLOURS, colours_of

ROOT = Path(__file__).resolve().parents[3]
NARROW = (8, 8, 4, 4, 2)
# one a family that builds in seconds; "pspnet" leaves most of an encoder out
FAST = {
    "mobilenetv2": "unet-scse",
    "seresnet18": "unet",
    "convnexttiny": "pspnet",
    "vgg16": "pspnet",
    "inceptionv3": "pspnet",
    "efficientnetb0": "pspnet",
    "densenet121": "pspnet",
    "efficientnetv2b0": "pspnet",
}
RELOAD = """
import json, sys, numpy as np, tfseis
for folder in json.loads(sys.argv[1]):
    image = np.load(folder + '/image.npy')
    np.save(folder + '/again.npy', tfseis.load_model(folder + '/model.keras')(image))
"""


def narrow(backbone, shape=(None, None, 1), weights=None, decoder="unet", **options):
    keras.utils.set_random_seed(0)
    return backbone_unet(
        shape,
        backbone=backbone,
        classes=1,
        weights=weights,
        decoder=decoder,
        filters=NARROW,
        **options,
    )


def noise(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


def reload_in_a_fresh_process(names, folder, decoders):
    folders = []
    for name in names:
        place = folder / name
        place.mkdir()
        model = narrow(name, (37, 45, 2), decoder=decoders[name])
        image = noise(2, 37, 45, 2)
        np.save(place / "image.npy", image)
        np.save(place / "logits.npy", model(image))
        model.save(place / "model.keras")
        folders.append(str(place))
        del model
        keras.utils.clear_session()
    subprocess.run([sys.executable, "-c", RELOAD, json.dumps(folders)], cwd=ROOT, check=True)
    for place in map(Path, folders):
        logits = np.load(place / "logits.npy")
        assert logits.shape == (2, 37, 45, 1)
        assert np.ptp(logits) > 0
        np.testing.assert_allclose(np.load(place / "again.npy"), logits, atol=1e-5)


@pytest.mark.slow
def test_one_of_each_family_reloads_in_a_fresh_process(tmp_path):
    reload_in_a_fresh_process(FAST, tmp_path, FAST)


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_reloads_in_a_fresh_process(tmp_path, name):
    reload_in_a_fresh_process([name], tmp_path, {name: "unet"})


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_the_table_is_what_the_libraries_build(name):
    model, features = bare_encoder(BACKBONES[name], 3)
    assert model.count_params() == BACKBONES[name].parameters
    inside = keras.Model(model.input, [model.output, *features])
    sizes = [tuple(f.shape[1:3]) for f in inside(np.zeros((1, 96, 64, 3), "float32"))]
    wanted = [(96 // s, 64 // s) for s in (32, *SCALES)]
    assert sizes == wanted[: 4 if "convnext" in name else 5]
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers)


@pytest.mark.slow
def test_weights_and_colours_are_those_of_the_libraries(monkeypatch):
    """Asked for ImageNet weights, each library names its file; each prepares images its way."""
    from tfseis.models.encoders.libraries import _library

    library, modules = _library()
    factory = library.backbones.backbones_factory.Backbones
    asked = {}

    class Fetched(Exception):
        pass

    def fetch(name, origin=None, *_, **__):
        asked["url"] = origin
        raise Fetched

    monkeypatch.setattr(modules["utils"], "get_file", fetch)
    monkeypatch.setattr(keras.src.utils.file_utils, "get_file", fetch)
    image = noise(1, 2, 2, 3) * 255
    for name, backbone in BACKBONES.items():
        ours = np.asarray(colours_of(backbone, 3, 255.0)(image))
        if backbone.source == FIRST:
            shape = (224, 224, 3) if name.startswith("mobilenet") else (None, None, 3)
            with pytest.raises(Fetched):
                factory.get_backbone(
                    name, input_shape=shape, weights="imagenet", include_top=False, **modules
                )
            theirs = library.get_preprocessing(name)(image.copy())
        else:
            build = {n.lower(): n for n in dir(keras.applications)}[name]
            with pytest.raises(Fetched):
                getattr(keras.applications, build)(include_top=False, weights="imagenet")
            mode = {"torch": "torch", "signed128": None}[backbone.colours]
            theirs = image / 128 - 1
            if mode:
                theirs = keras.applications.densenet.preprocess_input(image.copy())
        assert asked.pop("url") == backbone.weights, name
        np.testing.assert_allclose(ours, theirs, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("decoder", DECODERS)
def test_decoders_give_raw_logits_of_the_size_of_the_image(decoder):
    model = narrow("resnet18", (37, 70, 3), decoder=decoder)
    logits = np.asarray(model(noise(2, 37, 70, 3)))
    assert model.output_shape == (None, 37, 70, 1)
    assert logits.shape == (2, 37, 70, 1)
    assert logits.min() < 0 or logits.max() > 1  # no activation
    assert any("scse" in layer.name for layer in model.layers) == (decoder == "unet-scse")


def test_size_does_not_matter_and_padding_is_reflection():
    model = narrow("resnet18")
    image = noise(1, 37, 50, 1)
    margins = [(0, 0), (13, 14), (7, 7), (0, 0)]
    whole = np.asarray(model(np.pad(image, margins, mode="symmetric")))
    np.testing.assert_allclose(model(image), whole[:, 13:50, 7:57], atol=1e-5)


def test_mixed_precision_still_gives_float32():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = narrow("seresnet18")
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.output.dtype == "float32"
    assert model.get_layer("encoder").compute_dtype == "float16"


def test_colours_by_hand():
    red = np.array([[1.0, 0, 0]], "float32").reshape(1, 1, 1, 3)
    caffe = np.ravel(colours_of(BACKBONES["vgg16"], 3, 1.0)(red))
    np.testing.assert_allclose(caffe, [-103.939, -116.779, 255 - 123.68], rtol=1e-6)
    torch = np.ravel(colours_of(BACKBONES["densenet121"], 3, 1.0)(red))
    np.testing.assert_allclose(torch, [0.515 / 0.229, -0.456 / 0.224, -0.406 / 0.225], rtol=1e-6)
    signed = np.ravel(colours_of(BACKBONES["mobilenet"], 1, 255.0)(255 * red[..., :1]))
    assert signed.tolist() == [1, 1, 1]
    two = colours_of(BACKBONES["vgg16"], 2, 1.0)(np.zeros((1, 1, 1, 2), "float32"))
    np.testing.assert_allclose(np.ravel(two), [-123.68, -116.779], rtol=1e-6)  # red, green
    assert set(COLOURS) >= {backbone.colours for backbone in BACKBONES.values()}


def same_as_the_library(name):
    """A clone in registered layers, given the weights of what the library built, in their order."""
    from tfseis.models.encoders.libraries import _library

    library, modules = _library()
    theirs = library.backbones.backbones_factory.Backbones.get_backbone(
        name, input_shape=(64, 64, 3), weights=None, include_top=False, **modules
    )
    ours, _ = bare_encoder(BACKBONES[name], 3)
    ours.set_weights(theirs.get_weights())
    image = noise(1, 64, 64, 3)
    expected = np.asarray(theirs(image))
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(ours(image), expected, rtol=1e-4, atol=1e-5 * np.ptp(expected))


@pytest.mark.parametrize("name", ["seresnet18", "efficientnetb0"])
def test_layers_that_reload_compute_what_those_of_the_library_do(name):
    same_as_the_library(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inceptionresnetv2", "resnext50", "seresnext50", "senet154"])
def test_they_do_so_in_slow_encoders(name):
    same_as_the_library(name)


def test_an_encoder_lends_its_weights_to_another_network(tmp_path):
    first = narrow("mobilenet", (None, None, 1))
    first.get_layer("encoder").save_weights(tmp_path / "mine.weights.h5")
    keras.utils.set_random_seed(1)
    second = backbone_unet(
        (None, None, 3), backbone="mobilenet", classes=1, weights=tmp_path / "mine.weights.h5"
    )
    for mine, theirs in zip(
        second.get_layer("encoder").get_weights(),
        first.get_layer("encoder").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)


def weights_like(name, path):
    """Random weights of an encoder in a file as Keras 2 wrote them; returns the encoder."""
    keras.utils.set_random_seed(7)
    model, _ = bare_encoder(BACKBONES[name], 3)
    rng = np.random.default_rng(1)
    model.set_weights(
        [w + 0.01 * rng.random(w.shape).astype("float32") for w in model.get_weights()]
    )
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [weight.encode() for weight in names]
            for weight, values in zip(names, layer.get_weights(), strict=True):
                group[weight] = values
    return model


def fitted(name, channels, file):
    return narrow(name, (None, None, channels), file)


BOTH = pytest.mark.parametrize("written", ["resnet18", "vgg16"], indirect=True)


@pytest.fixture(scope="module", params=["resnet18"])
def written(request, tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "mine.h5"
    return request.param, file, weights_like(request.param, file)


@BOTH
def test_weights_of_a_file_are_loaded(written):
    name, file, encoder = written
    loaded = fitted(name, 3, file).get_layer("encoder")
    assert len(loaded.weights) == len(encoder.weights)
    for layer in [layer for layer in encoder.layers if layer.weights]:
        for mine, theirs in zip(
            loaded.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)


def test_grey_is_the_colour_image_whose_colours_are_alike(written):
    name, file, _ = written
    grey = noise(1, 32, 64, 1)
    colour = fitted(name, 3, file)(grey.repeat(3, axis=-1))
    np.testing.assert_allclose(fitted(name, 1, file)(grey), colour, rtol=1e-4, atol=1e-4)


def test_a_colour_image_given_twice_is_that_image(written):
    name, file, _ = written
    image = noise(1, 32, 64, 3)
    six, three = fitted(name, 6, file), fitted(name, 3, file)
    for layer in six.layers:  # the decoder of both
        if layer.name != "encoder" and layer.weights:
            layer.set_weights(three.get_layer(layer.name).get_weights())
    twice, once = six(np.concatenate([image, image], axis=-1)), np.asarray(three(image))
    np.testing.assert_allclose(twice, once, rtol=1e-3, atol=1e-4 * np.abs(once).max())


@BOTH
def test_the_first_kernel_of_two_channels_by_hand(written):
    name, file, encoder = written
    red, green = (0, 1) if name == "resnet18" else (2, 1)  # VGG wants blue, green, red
    layer = "conv0" if name == "resnet18" else "block1_conv1"
    kernel = encoder.get_layer(layer).get_weights()[0]
    found = fitted(name, 2, file).get_layer("encoder").get_layer(layer).get_weights()[0]
    np.testing.assert_allclose(found, 1.5 * kernel[:, :, [red, green]], rtol=1e-6)


def test_imagenet_weights_lie_in_the_folder_of_keras(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    encoder = weights_like(
        "mobilenet", tmp_path / "models" / BACKBONES["mobilenet"].weights.rpartition("/")[2]
    )
    model = narrow("mobilenet", weights="imagenet")
    kernel = model.get_layer("encoder").get_layer("conv1").get_weights()[0]
    np.testing.assert_array_equal(kernel, encoder.get_layer("conv1").get_weights()[0])


def test_offline_says_what_to_fetch_and_where_to_put_it(tmp_path, monkeypatch):
    def offline(*_, **__):
        raise Exception("URL fetch failure: Name or\nservice not known")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.utils, "get_file", offline)
    with pytest.raises(ModelError) as error:
        narrow("resnet34", weights="imagenet")
    message = str(error.value)
    assert "\n" not in message
    assert f"at {tmp_path}/models/resnet34_imagenet_1000_no_top.h5; they are not there" in message
    assert f"Fetch {BACKBONES['resnet34'].weights} and put it there" in message


def test_weights_that_do_not_fit_are_refused(written, tmp_path):
    name, file, _ = written
    with pytest.raises(ModelError, match=r"mine\.h5: expected weights of mobilenet .* Fetch"):
        narrow("mobilenet", weights=file)
    with pytest.raises(ModelError, match=rf"none at .*absent\.h5.* fetch .*{name}"):
        narrow(name, weights=tmp_path / "absent.h5")
    (tmp_path / "torn.h5").write_bytes(b"<html>404</html>")
    with pytest.raises(ModelError, match=r"torn\.h5: expected weights of"):
        narrow(name, weights=str(tmp_path / "torn.h5"))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"backbone": "resnet9000"}, r"vgg16, .*'resnet9000'.*tfseis backbones"),
        ({"decoder": "unet++"}, r"unet, unet-scse.* got 'unet\+\+'"),
        ({"decoder": "pspnet"}, r"pspnet expected rows and columns.* fpn"),
        ({"filters": (8, 4)}, r"5 positive widths; got \(8, 4\)"),
        ({"classes": 0}, r"at least one class"),
        ({"white": 0}, r"positive white"),
    ],
)
def test_refusals(options, message):
    usual = {"backbone": "resnet18", "classes": 1, "weights": None}
    with pytest.raises(ModelError, match=message):
        backbone_unet((None, None, 3), **usual | options)


def test_two_stages_of_fine_tuning(tmp_path):
    model = narrow("resnet18", (48, 48, 1), decoder="pspnet")
    model.save(tmp_path / "model.keras")
    model = load_model(tmp_path / "model.keras")  # stages may be runs of their own
    encoder = model.get_layer("encoder")
    image, mask = noise(2, 48, 48, 1), (noise(2, 48, 48, 1) > 0.5).astype("float32")

    def changed():
        before = [encoder.get_weights(), model.get_layer("final_conv").get_weights()]
        model.compile("sgd", loss="mse")
        model.fit(image, mask, verbose=0)
        after = [encoder.get_weights(), model.get_layer("final_conv").get_weights()]
        return [
            sum(not np.array_equal(x, y) for x, y in zip(a, b, strict=True))
            for a, b in zip(before, after, strict=True)
        ]

    freeze_encoder(model)
    assert changed() == [0, 2]
    unfreeze_encoder(model)
    assert changed()[0] > 30


def test_a_model_without_encoder_cannot_be_frozen():
    inputs = keras.Input((1,))
    with pytest.raises(ModelError, match=r"without an encoder"):
        freeze_encoder(keras.Model(inputs, keras.layers.ReLU()(inputs)))


def test_the_table_is_printed_without_building_anything(monkeypatch, capsys, tmp_path):
    from tfseis.cli import main

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "segmentation_models", None)
    assert main(["backbones"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.endswith(str(tmp_path / "models"))
    assert [line.split()[0] for line in lines] == list(BACKBONES)
    assert lines[list(BACKBONES).index("inceptionv3")].split()[1:3] == ["21.8", "M"]
    assert all(line.split()[-1].endswith("op.h5") for line in lines)


def test_scse_by_hand():
    """Weights of zero: both gates are a half, so that their sum is the input."""
    inputs = keras.Input((3, 5, 4))
    model = keras.Model(inputs, scse(inputs, name="gate"))
    assert model.count_params() == 4 * 2 + 2 + 2 * 4 + 4 + 4 + 1
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    x = noise(2, 3, 5, 4)
    np.testing.assert_allclose(model(x), x, rtol=1e-6)
    model.get_layer("gate_excite").bias.assign([100, -100, 0, 0])
    expected = x * np.array([1.5, 0.5, 1, 1], "float32")
    np.testing.assert_allclose(model(x), expected, rtol=1e-6)


def test_small_layers_by_hand():
    row = np.arange(5, dtype="float32").reshape(1, 1, 5, 1)
    padded = np.asarray(PadToMultiple(4)(row))
    assert padded.shape == (1, 4, 8, 1)
    assert padded[0, 2, :, 0].tolist() == [0, 0, 1, 2, 3, 4, 4, 3]
    np.testing.assert_array_equal(CropLike()([padded, row]), row)
    assert np.ravel(ChannelSlice(1, 3)(row.reshape(1, 1, 1, 5))).tolist() == [1, 2]
    assert np.ravel(ScaledSum(0.5)([row, row])).tolist() == [0, 1.5, 3, 4.5, 6]
