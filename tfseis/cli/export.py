"""`tfseis export`: a trained model as a SavedModel or an OpenVINO model."""

import argparse

from tfseis.backend import quiet_start


def add(parser: argparse.ArgumentParser) -> None:
    """Add the model, where it is written, and the number of bits."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=".keras file of a trained model, or the name of one that comes with tfseis.",
    )
    parser.add_argument(
        "folder",
        metavar="OUTPUT",
        help="Folder of a SavedModel; or NAME.xml, for an OpenVINO model.",
    )
    parser.add_argument(
        "--int8",
        action="store_true",
        help="For NAME.xml: store weights in 8 bits, and print what that costs on synthetic data; "
        "for jobs that have some (faults, boreholes, salt).",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="Replace a model of this name that is there."
    )


def run(options: argparse.Namespace) -> int:
    """Write a trained model in a form that serves without tfseis.

    Scaling, padding, cropping and the threshold are part of a SavedModel, which takes raw images
    of any size or raw amplitudes. An OpenVINO model takes scaled amplitudes or images and gives
    logits.
    """
    with quiet_start():
        from tfseis.export import export_model  # noqa: PLC0415 - loads TensorFlow
        from tfseis.inference.quantization import export_openvino  # noqa: PLC0415

    if options.int8 or options.folder.endswith(".xml"):
        print(
            export_openvino(
                options.model, options.folder, int8=options.int8, overwrite=options.overwrite
            )
        )
        return 0
    signatures = export_model(options.model, options.folder, overwrite=options.overwrite)
    for name, (_, takes) in signatures.items():
        print(f"{name}: {', '.join(f'{spec.name} {spec.dtype.name}' for spec in takes)}")
    return 0
