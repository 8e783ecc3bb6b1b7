"""A sixth job: traces that a cube lacks are filled in by a network that saw its other traces."""

from dataclasses import dataclass

from tfseis.jobs.contract import Job


@dataclass(frozen=True, kw_only=True)
class InfillSettings:
    """How an infill network is trained.

    Args:
        epochs: largest number of epochs.
        learning_rate: initial step size of the Adam optimiser.
        seed: seed of the initial weights and of the traces that are hidden.
    """

    epochs: int = 10
    learning_rate: float = 3e-3
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class InfillRecipe:
    """What an infill model carries: the amplitude statistics of its training survey."""

    scaling: dict[str, float]
    seed: int
    version: str
    job: str = "infill"
    schema: int = 1


JOB = Job(
    name="infill",
    about="Fill in the traces that a cube lacks.",
    settings=InfillSettings,
    recipe=InfillRecipe,
    train="infill.work:train_infill",
    apply="infill.work:apply_infill",
    command="infill.command",
)
