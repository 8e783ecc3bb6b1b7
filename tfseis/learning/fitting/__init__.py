"""The one training engine of all jobs: `fit`, told by a `Training` how long and how fast."""

from tfseis.learning.fitting.engine import fit as fit
from tfseis.learning.fitting.history import Fitted as Fitted
from tfseis.learning.fitting.history import trained_minutes as trained_minutes
from tfseis.learning.fitting.identity import check_same_run as check_same_run
from tfseis.learning.fitting.identity import same_run as same_run
from tfseis.learning.fitting.rates import Plateau as Plateau
from tfseis.learning.fitting.rates import RiseAndFall as RiseAndFall
from tfseis.learning.fitting.training import Training as Training
