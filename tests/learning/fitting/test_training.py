import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.learning import Plateau, RiseAndFall, Training


@pytest.mark.parametrize("epochs, steps", [(0, 3), (3, 0), (-1, 1)])
def test_a_training_of_nothing_is_refused(epochs, steps):
    with pytest.raises(ModelError, match=rf"at least one epoch .* got {epochs} epochs of {steps}"):
        Training(epochs=epochs, steps=steps)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"seed": -1}, "seed from 0"),
        ({"seed": 2**32}, "seed from 0"),
        ({"learning_rate": -1.0}, "learning rate of 0 or more"),
        ({"learning_rate": np.nan}, "learning rate of 0 or more"),
    ],
)
def test_a_seed_or_rate_that_cannot_be_is_refused(options, reason):
    with pytest.raises(ModelError, match=reason):
        Training(epochs=1, steps=1, **options)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"epochs": 0}, r"got 0 epochs of 1"),
        ({"minutes": 0, "rate": Plateau()}, r"time limit above 0 minutes; got 0\. Raise"),
        ({"minutes": 1.0}, r"rate that follows the time.* Choose RiseAndFall"),
        ({"memory": 1.0}, r"memory from 0 to less than 1; got 1\.0\. Try"),
        ({"best": "loud"}, r"best among loss, score, last; got 'loud'\. Choose"),
        ({"optimizer": "magic"}, r"optimizer among adam, adamw, sgd.*got 'magic'"),
    ],
)
def test_what_cannot_be_is_refused(options, reason):
    with pytest.raises(ModelError, match=reason):
        Training(**({"epochs": 1, "steps": 1} | options))


def test_rates_that_cannot_be_are_refused():
    with pytest.raises(ModelError, match=r"descent from 0 to 1; got 2\. Try"):
        Plateau(descent=2)
    with pytest.raises(ModelError, match=r"rise from 0 to less than 1; got 1\. Try"):
        RiseAndFall(1)


def test_the_identity_names_functions_and_rates_without_addresses():
    def halved(step, part):
        return 0.5

    identity = Training(epochs=2, steps=3, rate=halved, optimizer=keras.optimizers.Lion).identity
    assert "0x" not in identity
    assert "halved" in identity
    assert "Lion" in identity
    assert "epochs 2" in identity
    rising = Training(epochs=2, steps=3, rate=RiseAndFall(0.1)).identity
    assert "RiseAndFall(rise=0.1)" in rising
    assert rising != Training(epochs=2, steps=3, rate=RiseAndFall(0.2)).identity


def test_limits_count_only_where_the_rate_does_not_allow_to_go_on():
    plateau = [Training(epochs=n, steps=3, rate=Plateau()).identity for n in (2, 3)]
    assert plateau[0] == plateau[1]
    cosine = [Training(epochs=n, steps=3).identity for n in (2, 3)]
    assert cosine[0] != cosine[1]


def test_optimizers_get_what_is_set():
    made = Training(epochs=1, steps=1, optimizer="adamw", weight_decay=0.5, clipnorm=2.0)
    optimizer = made.make_optimizer()
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert (optimizer.weight_decay, optimizer.clipnorm) == (0.5, 2.0)
    plain = Training(epochs=1, steps=1, rate=Plateau()).make_optimizer()
    assert isinstance(plain, keras.optimizers.Adam)
    assert plain.clipnorm is None
