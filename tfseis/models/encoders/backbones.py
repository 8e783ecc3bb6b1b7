"""The table of encoders that image networks can be built on; listing them builds none."""

from dataclasses import dataclass

from tfseis.errors import ModelError

FIRST, KERAS = "segmentation-models", "keras.applications"
HUB = "https://github.com/qubvel/classification_models/releases/download/0.0.1/"
CHOLLET = "https://github.com/fchollet/deep-learning-models/releases/download/"
MOBILE_V2 = "https://github.com/JonathanCMitchell/mobilenet_v2_keras/releases/download/v1.1/"
EFFICIENT = "https://github.com/Callidior/keras-applications/releases/download/efficientnet/"
GOOGLE = "https://storage.googleapis.com/tensorflow/keras-applications/"
ORDERED = "weights_tf_dim_ordering_tf_kernels"


@dataclass(frozen=True)
class Backbone:
    """An encoder that can be built.

    Args:
        name: name as `backbone_unet` takes it.
        source: library that builds it.
        parameters: number of parameters with three input channels.
        weights: URL of its ImageNet weights.
        colours: scaling of the input that these weights need, a key of `COLOURS` in
            `tfseis.models.encoders.weights`.
        features: for keras.applications, the layers whose outputs are the features at 1/16, 1/8,
            1/4 and 1/2 of the image; ``NAME:input`` is what goes into a layer.
    """

    name: str
    source: str
    parameters: int
    weights: str
    colours: str
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Family:
    url: str  # with {name} and {member}, the name without that of the family
    colours: str
    parameters: dict[str, int]
    source: str = FIRST
    features: tuple[str, ...] = ()


_FAMILIES = {
    "vgg": _Family(
        CHOLLET + "v0.1/{name}_" + ORDERED + "_notop.h5",
        "caffe",
        {"16": 14_714_688, "19": 20_024_384},
    ),
    "resnet": _Family(
        HUB + "{name}_imagenet_1000_no_top.h5",
        "bytes",
        {
            "18": 11_186_889,
            "34": 21_302_473,
            "50": 23_546_057,
            "101": 42_590_409,
            "152": 58_280_137,
        },
    ),
    "resnext": _Family(
        HUB + "{name}_imagenet_1000_no_top.h5", "bytes", {"50": 23_048_137, "101": 42_266_569}
    ),
    "seresnet": _Family(
        HUB + "{name}_imagenet_1000_no_top.h5",
        "torch",
        {
            "18": 11_275_969,
            "34": 21_463_669,
            "50": 26_092_144,
            "101": 47_383_216,
            "152": 64_924_272,
        },
    ),
    "seresnext": _Family(
        HUB + "{name}_imagenet_1000_no_top.h5", "torch", {"50": 25_579_120, "101": 47_044_272}
    ),
    "senet": _Family(HUB + "{name}_imagenet_1000_no_top.h5", "torch", {"154": 113_287_536}),
    "inceptionv": _Family(
        CHOLLET + "v0.5/inception_v3_" + ORDERED + "_notop.h5", "signed", {"3": 21_802_784}
    ),
    "inceptionresnetv": _Family(
        CHOLLET + "v0.7/inception_resnet_v2_" + ORDERED + "_notop.h5", "signed", {"2": 54_336_736}
    ),
    "mobilenet": _Family(
        CHOLLET + "v0.6/mobilenet_1_0_224_tf_no_top.h5", "signed", {"": 3_228_864}
    ),
    "mobilenetv": _Family(
        MOBILE_V2 + "mobilenet_v2_" + ORDERED + "_1.0_224_no_top.h5", "signed", {"2": 2_257_984}
    ),
    "efficientnet": _Family(
        EFFICIENT + "efficientnet-{member}_" + ORDERED + "_autoaugment_notop.h5",
        "torch",
        {
            "b0": 4_049_564,
            "b1": 6_575_232,
            "b2": 7_768_562,
            "b3": 10_783_528,
            "b4": 17_673_816,
            "b5": 28_513_520,
            "b6": 40_960_136,
            "b7": 64_097_680,
        },
    ),
    "densenet": _Family(
        GOOGLE + "densenet/{name}_" + ORDERED + "_notop.h5",
        "torch",
        {"121": 7_037_504, "169": 12_642_880, "201": 18_321_984},
        KERAS,
        ("pool4_relu", "pool3_relu", "pool2_relu", "conv1_relu"),
    ),
    "efficientnetv2": _Family(
        GOOGLE + "efficientnet_v2/efficientnetv2-{member}_notop.h5",
        "torch",
        {
            "b0": 5_919_312,
            "b1": 6_931_124,
            "b2": 8_769_374,
            "b3": 12_930_622,
            "s": 20_331_360,
            "m": 53_150_388,
            "l": 117_746_848,
        },
        KERAS,
        (
            "block6a_expand_activation",
            "block4a_expand_activation",
            "block3a_expand_conv:input",
            "block2a_expand_conv:input",
        ),
    ),
    "convnext": _Family(
        GOOGLE + "convnext/convnext_{member}_notop.h5",
        "torch",
        {
            "tiny": 27_820_128,
            "small": 49_454_688,
            "base": 87_566_464,
            "large": 196_230_336,
            "xlarge": 348_147_968,
        },
        KERAS,
        tuple(f"convnext_{{member}}_downsampling_block_{i}:input" for i in (2, 1, 0)),
    ),
}
_OTHER_COLOURS = {
    **dict.fromkeys(("seresnet18", "seresnet34"), "bytes"),
    **{f"efficientnetv2{member}": "signed128" for member in "sml"},
}

BACKBONES: dict[str, Backbone] = {
    name: Backbone(
        name,
        family.source,
        parameters,
        family.url.format(name=name, member=member),
        _OTHER_COLOURS.get(name, family.colours),
        tuple(feature.format(member=member) for feature in family.features),
    )
    for prefix, family in _FAMILIES.items()
    for member, parameters in family.parameters.items()
    for name in [prefix + member]
}


def named_backbone(name: str) -> Backbone:
    """The backbone of a name.

    Raises:
        ModelError: no such backbone.
    """
    if name not in BACKBONES:
        raise ModelError(
            f"Expected a backbone among {', '.join(BACKBONES)}; got {name!r}. "
            "`tfseis backbones` says more of each."
        )
    return BACKBONES[name]
