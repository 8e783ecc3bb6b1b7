"""What commands are told of label files."""

import argparse

import pytest

from tfseis.io.segy.layout import UNITS
from tfseis.jobs.label_arguments import add_label_reading, label_reading


@pytest.mark.parametrize("unit", [*UNITS, "s", "sample"])
def test_every_unit_that_a_message_proposes_can_be_said(unit):
    parser = argparse.ArgumentParser()
    add_label_reading(parser)
    told = label_reading(parser.parse_args(["--unit", unit, "--unit", f"a.dat={unit}"]))
    assert told["unit"] == {"": unit, "a.dat": unit}
