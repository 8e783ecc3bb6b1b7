"""Models from strangers: nothing of them is executed, and each is refused in one line."""

import io
import json
import struct
import zipfile
from contextlib import suppress

import h5py
import keras
import numpy as np
import pytest

from tests.io.test_long_fuzz import changed
from tfseis.errors import FormatError, TfseisError
from tfseis.jobs.apply import job_of
from tfseis.learning import load_model
from tfseis.learning.saving import save_model

CONFIG, META, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
LARGE = 1 << 28  # bytes that a small file must not unpack to


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The members of a good file."""
    path = tmp_path_factory.mktemp("good") / "good.keras"
    inputs = keras.Input((5,), name="takes")
    outputs = keras.layers.Dense(3, activation="relu", name="gives")(inputs)
    save_model(keras.Model(inputs, outputs), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def configured(members, change):
    """The same members with a changed configuration."""
    config = json.loads(members[CONFIG])
    found = change(config)
    return {**members, CONFIG: json.dumps(config if found is None else found)}


def layer(config, place=1):
    return config["config"]["layers"][place]


def weighted(members, change):
    """The same members with a changed HDF5 file."""
    file = io.BytesIO(members[WEIGHTS])
    with h5py.File(file, "r+") as weights:
        change(weights["layers/dense/vars"])
    return {**members, WEIGHTS: file.getvalue()}


def of_class(module, name, config, registered=None):
    def change(whole):
        layer(whole).update(
            module=module,
            class_name=name,
            config={"name": "gives", **config},
            registered_name=registered,
        )

    return change


def with_config(**values):
    return lambda whole: layer(whole)["config"].update(values)


def function(module, name, kind="function"):
    return {"module": module, "class_name": kind, "config": name, "registered_name": kind}


LAMBDA = {
    "class_name": "__lambda__",
    "config": {"value": ["4wAAAAA=\n", None, None]},
}
CODE = {
    "lambda": of_class("keras.layers", "Lambda", {"function": LAMBDA}),
    "lambda that switches safety off": of_class(
        "keras.layers", "Lambda", {"function": LAMBDA, "safe_mode": False}
    ),
    "lambda as an activation": with_config(activation=LAMBDA),
    "os.system as a class": of_class("os", "system", {}),
    "subprocess.Popen": of_class("subprocess", "Popen", {"args": ["touch", "HARM"]}),
    "eval as a function": with_config(activation=function("builtins", "eval")),
    "os.system as a function": with_config(activation=function("os", "system")),
    "a module that does something": of_class("harm", "Layer", {}),
    "a registered name of a module": of_class("harm", "Layer", {}, registered="harm>Layer"),
    "switch of safe mode": of_class("keras.config", "enable_unsafe_deserialization", {}),
    "switch as a function": with_config(
        activation=function("keras.config", "enable_unsafe_deserialization")
    ),
    "private switch": with_config(
        activation=function("keras.src.saving.serialization_lib", "enable_unsafe_deserialization")
    ),
    "loads another model": of_class("keras.models", "load_model", {"filepath": "harm.keras"}),
    "get_file": of_class("keras.utils", "get_file", {"origin": "file:///etc/passwd"}),
    "a SavedModel": of_class(
        "keras.layers", "TFSMLayer", {"filepath": "/tmp", "call_endpoint": "x"}
    ),
    "a pickled module": of_class("keras.layers", "TorchModuleWrapper", {"module": "gASVAAA="}),
    "numpy.load": of_class("numpy", "load", {"file": "harm.npy"}),
    "an initializer": with_config(kernel_initializer=function("os", "system")),
}
ODD = {
    "no object": lambda whole: [1, 2],
    "a number": lambda whole: 7,
    "no class": lambda whole: whole.pop("class_name") and None,
    "no layers": lambda whole: whole["config"].pop("layers") and None,
    "a layer without name": lambda whole: layer(whole).pop("name") and None,
    "units as text": with_config(units="many"),
    "negative units": with_config(units=-3),
    "a layer that fills the memory": with_config(units=10**10),
    "other units than weights": with_config(units=4),
    "an input that is somewhere else": lambda whole: layer(whole).update(inbound_nodes=[["x"]]),
    "an activation that is unknown": with_config(activation="harm"),
}


@pytest.fixture
def harm(tmp_path, monkeypatch):
    """A folder with modules that leave a trace when they are imported; the trace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "harm.py").write_text("import pathlib\npathlib.Path('HARM').touch()\n")
    return tmp_path / "HARM"


def refused(path, match="expected a .keras model|expected an archive|zip archive|the member"):
    with pytest.raises(FormatError, match=match) as found:
        load_model(path)
    assert len(str(found.value).splitlines()) == 1
    assert str(path) in str(found.value)
    return str(found.value)


@pytest.mark.parametrize("change", CODE.values(), ids=CODE)
def test_code_in_a_configuration_is_not_executed(members, tmp_path, harm, change):
    refused(packed(tmp_path / "m.keras", configured(members, change)))
    assert not harm.exists()


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_an_odd_configuration_is_refused(members, tmp_path, change):
    refused(packed(tmp_path / "m.keras", configured(members, change)))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"\x00"])
def test_a_configuration_that_is_no_json_is_refused(members, tmp_path, text):
    refused(packed(tmp_path / "m.keras", {**members, CONFIG: text}))
    with pytest.raises(TfseisError, match=r"m\.keras: expected a"):
        job_of(tmp_path / "m.keras")


def external(variables):
    del variables["0"]
    variables.create_dataset("0", (5, 3), "f4", external=[("/etc/passwd", 0, 60)])


def soft(variables):
    variables["2"] = h5py.SoftLink("/layers/gives/vars/0")


def other_file(variables):
    variables["2"] = h5py.ExternalLink("/etc/passwd", "/")


def cycle(variables):
    variables["again"] = variables.parent


def virtual(variables):
    del variables["0"]
    layout = h5py.VirtualLayout((5, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (5, 3))
    variables.create_virtual_dataset("0", layout)


def vast(variables):
    del variables["0"]
    variables.create_dataset("0", (10**6, 10**4), "f4", chunks=(100, 100), compression="gzip")


def words(variables):
    del variables["0"]
    variables["0"] = np.array([b"a", b"b"])


@pytest.mark.parametrize("change", [external, soft, other_file, cycle, virtual, vast, words])
def test_weights_that_lie_elsewhere_or_nowhere_are_refused(members, tmp_path, change):
    refused(packed(tmp_path / "m.keras", weighted(members, change)))


def test_two_layers_that_together_fill_the_memory_are_refused(members, tmp_path):
    """Each has no more units than the file holds values, and the kernel between them is vast."""
    inputs = keras.Input((1,))
    outputs = keras.layers.Dense(30_000, name="b")(keras.layers.Dense(2, name="a")(inputs))
    save_model(keras.Model(inputs, outputs), tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}

    def wider(whole):
        layer(whole)["config"].update(units=30_000)
        layer(whole, 2).pop("build_config")

    changed = configured(held, wider)
    told = refused(packed(tmp_path / "m.keras", changed))
    assert "ask for more values than the" in told


@pytest.mark.parametrize("name", ["../harm", "/tmp/harm", "assets/x", "a/../../b", "harm.py"])
def test_members_that_no_model_has_are_refused(members, tmp_path, name):
    refused(packed(tmp_path / "m.keras", {**members, name: b"harm"}))


@pytest.mark.parametrize("lacking", [CONFIG, WEIGHTS])
def test_a_file_without_configuration_or_weights_is_refused(members, tmp_path, lacking):
    held = {name: content for name, content in members.items() if name != lacking}
    assert f"no {lacking}" in refused(packed(tmp_path / "m.keras", held))


@pytest.mark.parametrize("member", [CONFIG, META, WEIGHTS])
def test_bombs_are_refused_by_what_they_declare(members, tmp_path, member):
    vast = {**members, member: b"\0" * LARGE}
    path = packed(tmp_path / "m.keras", vast, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    assert "unpacks to at most" in refused(path)
    with pytest.raises(TfseisError, match="unpacks to at most"):
        job_of(path)


def test_a_bomb_that_declares_little_is_caught(members, tmp_path):
    held = {**members, CONFIG: b"\0" * LARGE}
    path = packed(tmp_path / "m.keras", held, zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    assert content.count(struct.pack("<I", LARGE)) >= 2  # in both headers
    path.write_bytes(content.replace(struct.pack("<I", LARGE), struct.pack("<I", 1000)))
    refused(path)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99, 0.999])
def test_truncated_files_are_refused(members, tmp_path, share):
    content = packed(tmp_path / "m.keras", members).read_bytes()
    (tmp_path / "m.keras").write_bytes(content[: int(share * len(content))])
    refused(tmp_path / "m.keras")


@pytest.mark.parametrize("seed", range(20))
def test_changed_bytes_are_refused_or_do_no_harm(members, tmp_path, seed):
    content = bytearray(packed(tmp_path / "m.keras", members).read_bytes())
    rng = np.random.default_rng(seed)
    for place in rng.integers(0, len(content), 8):
        content[place] ^= int(rng.integers(1, 256))
    (tmp_path / "m.keras").write_bytes(content)
    with suppress(FormatError):
        load_model(tmp_path / "m.keras")


def test_other_endings_and_devices_are_no_models(members, tmp_path):
    for name in ("model.h5", "model.zip", "model"):
        refused(packed(tmp_path / name, members))
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["model_config"] = "{}"
    refused(tmp_path / "old.h5")
    with pytest.raises(FormatError, match="there is no such file"):
        load_model("/dev/zero")


def test_names_and_metadata_do_no_harm(members, tmp_path):
    """What is odd but harmless still loads; so does a file that was packed again."""
    named = configured(members, lambda whole: whole["config"].update(name="<b>harm & =cmd"))
    load_model(packed(tmp_path / "a.keras", {**named, META: b'{"keras_version": "99"}'}))
    again = load_model(packed(tmp_path / "b.keras", members, zipfile.ZIP_DEFLATED))
    assert again.count_params() == 18


@pytest.mark.parametrize("told", [None, b"", b"[]", b"{}", b"\xff", b'{"keras_version": null}'])
def test_metadata_that_say_nothing_hide_no_other_fault(told, members, tmp_path):
    def changed_network(config):
        layer(config)["config"]["unknown"] = 1

    wrong = configured(members, changed_network)
    del wrong[META]
    wrong |= {} if told is None else {META: told}
    with pytest.raises(FormatError, match=r"could not be loaded.*Save it with"):
        load_model(packed(tmp_path / "m.keras", wrong))


@pytest.mark.parametrize("member", [CONFIG, META, WEIGHTS])
def test_members_changed_at_random_load_or_are_refused_in_one_line(member, members, tmp_path):
    rng = np.random.default_rng(len(member))
    for _ in range(40):
        content = changed(members[member], rng)
        path = packed(tmp_path / "m.keras", {**members, member: content})
        said = ""
        try:
            load_model(path)
        except TfseisError as error:
            said = str(error)
        except Exception as error:
            raise AssertionError(content) from error
        assert "\n" not in said, content
