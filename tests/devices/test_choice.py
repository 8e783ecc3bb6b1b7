"""Which devices train; what is refused."""

import socket
from contextlib import nullcontext

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.cli import main
from tfseis.devices.choice import ONE, OneDevice, check_shares, devices_of, shared_by
from tfseis.devices.processes import check_cluster
from tfseis.devices.strategies import OneProcess
from tfseis.devices.watch import Watch, answers
from tfseis.errors import ModelError
from tfseis.learning import Training, fit

TWO = '{"cluster": {"worker": ["a:5000", "b:5000"]}, "task": {"type": "worker", "index": 1}}'


def build():
    inputs = keras.Input((3,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(4)(inputs))
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Dropout(0.3)(x)))


def batches(first):
    for number in range(first, 100):
        inputs = np.random.default_rng(number).normal(size=(3, 3)).astype("float32")
        yield inputs, inputs[:, :1]


def weights(folder, **options):
    training = Training(epochs=1, steps=2)
    fitted = fit(build, batches, training, folder=folder, loss="mse", progress=False, **options)
    return fitted.model.get_weights()


def test_mirrored_on_one_device_is_no_strategy(tmp_path):
    for mine, theirs in zip(
        weights(tmp_path / "one"), weights(tmp_path / "two", strategy="mirrored"), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_the_shared_step_of_one_device_is_that_of_keras():
    """What several devices make of it, `test_shares` tries in processes of their own."""
    found = []
    for devices in (ONE, OneProcess(tf.distribute.MirroredStrategy(["CPU:0"]))):
        keras.utils.set_random_seed(4)
        model = build()
        model.compile("sgd", loss="mse", metrics=["mae"], jit_compile=False)
        model.optimizer.build(model.trainable_variables)
        step = devices.step(model)
        logs = [step((*batch, np.array([1.0, 2.0, 3.0]))) for batch in [*batches(98)]]
        found.append((sorted(logs[0].items()), model.get_weights()))
    (one, weights_of_one), (other, weights_of_other) = found
    assert dict(one) == pytest.approx(dict(other), rel=1e-5)
    for mine, theirs in zip(weights_of_one, weights_of_other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


def test_the_command_refuses_batches_that_cannot_be_shared(tmp_path, monkeypatch, capsys):
    class Three(OneDevice):
        count = 3

    monkeypatch.setattr("tfseis.cli.jobs.shared_by", lambda strategy: nullcontext(Three()))
    words = ["faults", "train", "--synthetic", "--out", str(tmp_path / "out")]
    assert main([*words, "--strategy", "mirrored", "--batch-size", "4"]) == 1
    assert "multiple of 3, the number of devices; got 4. Choose" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_training_asks_for_the_devices_around_it():
    with devices_of(None) as found:
        assert found is ONE
    strategy = tf.distribute.MirroredStrategy()
    with shared_by(strategy) as outer, devices_of(None) as found:
        assert found is outer
        assert found.count == strategy.num_replicas_in_sync
    with devices_of(None) as found:
        assert found is ONE


@pytest.mark.parametrize(
    "strategy, message",
    [
        ("parameter-server", r"strategy among mirrored, workers.*got 'parameter-server'\. Choose"),
        (tf.distribute.OneDeviceStrategy("CPU:0"), r"MirroredStrategy or .*got OneDeviceStrategy"),
        (3, r"MirroredStrategy or MultiWorkerMirroredStrategy; got int\. Choose"),
    ],
)
def test_other_strategies_are_refused_before_anything_is_written(tmp_path, strategy, message):
    with pytest.raises(ModelError, match=message):
        weights(tmp_path / "run", strategy=strategy)
    assert not (tmp_path / "run").exists()


def test_batches_are_cut_into_equal_shares_only():
    for size, count in ((8, 4), (4, 4), (7, 1)):
        check_shares(size, count)
    with pytest.raises(ModelError, match=r"multiple of 4.*got 6\. Choose a batch size of 8"):
        check_shares(6, 4)
    with pytest.raises(ModelError, match=r"multiple of 4.*got 2\. Choose a batch size of 4"):
        check_shares(2, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "worker0",
        "[]",
        '{"cluster": {"worker": ["a:1"]}}',
        TWO.replace("1}", "2}"),
        TWO.replace("1}", "-1}"),
        TWO.replace("a:5000", "a"),
        TWO.replace('"worker", "index"', '"chief", "index"'),
        TWO.replace('{"worker":', '{"ps": ["c:1"], "worker":'),
    ],
)
def test_a_list_of_processes_that_is_none_is_refused(text, monkeypatch):
    with pytest.raises(ModelError, match=r"TF_CONFIG that lists the processes.*Set it, with"):
        check_cluster(text)
    check_cluster(TWO)
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ModelError, match="TF_CONFIG"), shared_by("workers"):
        pass


def test_the_watch_names_the_process_that_has_ended():
    with socket.socket() as here, socket.socket() as there:
        for one in (here, there):
            one.bind(("127.0.0.1", 0))
            one.listen()
        places = [f"127.0.0.1:{one.getsockname()[1]}" for one in (here, there)]
        watch = Watch(places, 0)
        assert answers(places[1])
        assert watch.lost() == ""
        there.close()
        assert not answers(places[1])
        assert watch.lost() == (
            f"Expected 2 processes that train together; process 1 ({places[1]}) has ended. Give "
            "all of them the same command again: it resumes from the last checkpoint."
        )
        here.close()
        assert Watch(places, 1).lost().startswith("Expected 2 processes that train together")
