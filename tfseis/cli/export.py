"""`tfseis export`: a trained model as a SavedModel."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "export",
        help="write a trained model as a SavedModel that serves without tfseis",
        description="Scaling, padding, cropping and the threshold are inside: it takes raw images "
        "of any size, or raw amplitudes.",
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL.keras")
    parser.add_argument(
        "folder",
        metavar="DIR",
        help="or, for fault and borehole models, the file NAME.xml of an OpenVINO model",
    )
    parser.add_argument(
        "--int8", action="store_true", help="NAME.xml: weights of 8 bits, and what that costs"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a SavedModel there")
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.export import export_model  # noqa: PLC0415
        from tfseis.inference.quantization import export_openvino  # noqa: PLC0415

    if options.int8 or options.folder.endswith(".xml"):
        print(
            export_openvino(
                options.model, options.folder, int8=options.int8, overwrite=options.overwrite
            )
        )
        return 0
    for name, (_, takes) in export_model(
        options.model, options.folder, overwrite=options.overwrite
    ).items():
        print(f"{name}: {', '.join(f'{spec.name} {spec.dtype.name}' for spec in takes)}")
    return 0
