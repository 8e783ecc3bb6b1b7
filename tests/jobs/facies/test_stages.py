"""Minutes of the stages of a run."""

import pytest

from tfseis.jobs.facies.stages import Stages


def test_what_is_nested_counts_once_and_repeated_stages_add_up():
    """Worked out by hand, in seconds: 600 in all, of which 60 and 120 are nested."""
    moments = iter([0, 60, 120, 240, 360, 600])
    stages = Stages(lambda: next(moments))
    with stages.of("prediction"):
        for _ in range(2):
            with stages.of("writing"):
                pass
    stages.add("reading", 30)
    assert stages.minutes == {"writing": 3.0, "prediction": 7.0, "reading": 0.5}


def test_a_stage_that_fails_counts_too():
    moments = iter([0, 12])
    stages = Stages(lambda: next(moments))
    with pytest.raises(ValueError, match="bad"), stages.of("training"):
        raise ValueError("bad")
    assert stages.minutes == {"training": 0.2}
