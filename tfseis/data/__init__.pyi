from .padding import mirrored as mirrored
from .picks import pick_points as pick_points
from .regions import Halo as Halo
from .regions import read_region as read_region
from .scaling import Scaling as Scaling
from .scaling import survey_scaling as survey_scaling
from .splits import Fold as Fold
from .splits import block_folds as block_folds
