"""How long each stage of a run took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

READING, BLOCKED, TRAINING = "reading", "blocked scores", "training"
SCORING, PREDICTION, WRITING = "other scores", "prediction", "writing"


class Stages:
    """Seconds of each stage of a run; what is nested in a stage counts by itself alone.

    Args:
        clock: seconds from any moment on.

    Examples:
        >>> moments = iter([0, 60, 90, 240])
        >>> stages = Stages(lambda: next(moments))
        >>> with stages.of("prediction"):
        ...     with stages.of("writing"):
        ...         pass
        >>> stages.minutes
        {'writing': 0.5, 'prediction': 3.5}
        >>> stages.text()
        'minutes: writing 0.5, prediction 3.5'
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: dict[str, float] = {}
        self._nested: list[float] = []  # seconds of stages within each stage that is going on

    def add(self, name: str, seconds: float) -> None:
        """Count more seconds for a stage."""
        self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what is done within a ``with`` statement for a stage."""
        began = self._clock()
        self._nested.append(0.0)
        try:
            yield
        finally:
            seconds = self._clock() - began
            self.add(name, seconds - self._nested.pop())
            if self._nested:
                self._nested[-1] += seconds

    @property
    def minutes(self) -> dict[str, float]:
        """Minutes of each stage, in the order in which they ended."""
        return {name: round(seconds / 60, 2) for name, seconds in self._seconds.items()}

    def text(self) -> str:
        """Minutes of each stage in one line."""
        return "minutes: " + ", ".join(f"{name} {m:.1f}" for name, m in self.minutes.items())
