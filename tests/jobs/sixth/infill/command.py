"""`tfseis infill train` and `tfseis infill apply`."""

from infill.work import apply_infill, train_infill


def add_train(parser):
    """Add the cube."""
    parser.add_argument("cube", help="Cube whose traces train.")


def train(options, settings):
    """Train a network that fills in traces."""
    how = {"settings": settings, "overwrite": options.overwrite}
    return train_infill(options.cube, out=options.out, **how)


def add_apply(parser):
    """Add nothing: INPUT, OUTPUT, --model and --overwrite are enough."""


def apply(options):
    """Fill in the traces that a cube lacks."""
    return apply_infill(options.model, options.input, options.output, overwrite=options.overwrite)
