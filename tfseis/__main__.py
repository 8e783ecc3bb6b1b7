"""`python -m tfseis` is the command `tfseis`."""

import sys

from tfseis.cli import main

sys.exit(main())
