"""Settings of a facies training: what goes together, what is refused, and that Keras stays out."""

import subprocess
import sys

import pytest

from tfseis.errors import ModelError, TfseisError
from tfseis.io import LABEL_KINDS as KINDS
from tfseis.jobs.facies.networks import MEASURED, network_builder
from tfseis.jobs.facies.settings import (
    AXES,
    DEFAULTS,
    LABEL_KINDS,
    NETWORKS,
    FaciesSettings,
)
from tfseis.jobs.facies.variation import AS_RECORDED, Variation, chosen_variation


def test_each_network_has_its_own_defaults():
    assert {name: settings.network for name, settings in DEFAULTS.items()} == {
        name: name for name in ("unet", "unet25", "unet3d", "patch", "patch3d")
    }
    with pytest.raises(TfseisError, match=r"unet.*got 'vnet'"):
        FaciesSettings(network="vnet")


def test_the_light_tables_name_what_there_is():
    assert set(KINDS) == set(LABEL_KINDS)
    assert set(MEASURED) <= set(NETWORKS) == set(DEFAULTS)
    for name, settings in DEFAULTS.items():
        axes = AXES[name]
        assert settings.flat == (axes == 2)
        crop = (*[settings.crop_size] * axes, settings.input_channels)
        assert len(network_builder(settings)(crop, classes=2).input_shape) == axes + 2


def test_settings_load_no_keras():
    code = (
        "import sys; import tfseis.jobs.facies.settings, tfseis.jobs.facies.recipe;"
        "sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"network": "unet", "sections": 3}, r"Expected 1 section for unet; got 3"),
        ({"network": "unet25"}, r"odd number of sections from 3 on for unet25; got 1"),
        ({"network": "unet25", "sections": 4}, r"from 3 on for unet25; got 4.*--sections 5"),
        ({"network": "unet3d", "crop_size": 20}, r"multiple of 8 .* 4 levels; got 20\. Use 24"),
        ({"network": "unet3d", "axes": 2}, r"Expected 3 axes for unet3d; got 2"),
        ({"network": max, "axes": 4}, r"Expected axes, .* from 2 to 3 .*; got 4"),
        ({"network": "unet", "channels": "seed"}, r"'amplitude' for unet; got 'seed'"),
        ({"network": max, "axes": 3, "sections": 3}, r"Expected 1 section"),
        ({"filters": (4,)}, r"two or more positive widths"),
        ({"loss": "dice"}, r"Expected loss among crossentropy, a function"),
        ({"variation": "wild"}, r"Expected variation among usual, mirrored, none"),
        ({"variation": 3}, r"Expected variation among usual, .* a function, .*; got 3\. Choose"),
        ({"folds": 1}, r"2 folds or more"),
        ({"patience": 0}, r"patience, a whole number from 1 .*; got 0"),
    ],
)
def test_what_does_not_go_together_is_refused(changes, reason):
    with pytest.raises(ModelError, match=reason):
        FaciesSettings(**changes)


USUAL = {"axes": 3, "flat": False, "time_slices": False, "positions": False}


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, Variation((0, 1), 0.5, 0.1)),
        ({"axes": 2, "flat": True}, Variation((0,), 0.5, 0.1)),
        ({"axes": 2, "flat": True, "time_slices": True}, Variation((0, 1))),
        ({"axes": 3, "flat": True, "time_slices": True}, Variation((1, 2))),
        ({"axes": 2, "flat": True, "positions": True}, AS_RECORDED),
    ],
)
def test_crops_vary_as_far_as_their_axes_allow(changes, expected):
    options = USUAL | changes
    assert chosen_variation("usual", **options) == (expected, None)
    assert chosen_variation("mirrored", **options) == (Variation(expected.mirrored), None)
    assert chosen_variation("none", **options) == (AS_RECORDED, None)


def test_an_own_variation_is_an_object_or_a_function():
    own = Variation(mirrored=(1,))
    assert chosen_variation(own, **USUAL) == (own, None)
    assert chosen_variation(max, **USUAL) == (AS_RECORDED, max)
    assert chosen_variation("builtins:max", **USUAL) == (AS_RECORDED, max)
    with pytest.raises(ModelError, match=r"crops of 3 axes along axes 0 to 2; got \(3,\)"):
        chosen_variation(Variation(mirrored=(3,)), **USUAL)
    with pytest.raises(ModelError, match="from 0 to below 1"):
        Variation(stretch=1.0)
