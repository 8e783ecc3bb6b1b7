"""Runs on synthetic fault surveys, by ID from 400; `training.run` runs them.

All are scored on the same unseen surveys of 128^3 (10 of each generator, or the first 2 of each
after early training), beside low semblance. Minutes are wall-clock, so a busy machine sees fewer
crops: the rows say how many. Runs of a few minutes are early training: they say what a network
learns soon, and claim no order.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.jobs.faults.scores import EVERY, SEMBLANCE
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.faults.train import train_faults

MINUTES = 5  # of early training
EARLY = FaultSettings(
    minutes=MINUTES,
    score_minutes=1e9,
    precision="mixed_bfloat16",
    steps=20,
    generators=("gaussian", "spectral"),  # the third came later; it is scored, as a stranger
)
TINY_SIDE = 16  # of crops and surveys in a quick run


@dataclass(frozen=True, kw_only=True)
class FaultExperiment:
    """One run: what is trained, what teaches it, and why.

    Args:
        id: number of the run.
        note: why it was run, and what was expected.
        settings: network and training.
        teacher: "faults" for the model that ships, "itself" for a mean teacher, None for labels.
        unseen: surveys of each generator that are scored.
    """

    id: int
    note: str
    settings: FaultSettings = EARLY
    teacher: str | None = None
    unseen: int = 2


light = FaultExperiment(
    id=400,
    note="The light U-Net, 100 minutes: the model that ships. Expected: IoU above 0.5.",
    settings=replace(EARLY, minutes=100, score_minutes=20, steps=50),
    unseen=10,
)
EARLY_NETWORKS = {"wu": "Wu's", "res1": "UNet-Res1", "res2": "UNet-Res2", "ds8": "UNet-DS, b = 8"}
early = [
    FaultExperiment(
        id=401 + 2 * place + seed,
        note=f"{name}, {MINUTES} minutes from scratch. Early training, no order claimed.",
        settings=replace(EARLY, network=network, seed=seed),
    )
    for place, (network, name) in enumerate(EARLY_NETWORKS.items())
    for seed in (0, 1)
]
early_light = FaultExperiment(id=409, note="The light U-Net in the same minutes, for comparison.")
one_generator = [
    replace(
        early_light,
        id=number,
        settings=replace(EARLY, generators=(generator,)),
        note=f"As 409 on the {generator} generator alone. Expected: lower on the others.",
    )
    for number, generator in ((410, "gaussian"), (411, "spectral"))
]
without_variation = replace(
    early_light,
    id=412,
    settings=replace(EARLY, variation="none"),
    note="As 409 without variation. Expected: no worse on generators that vary by themselves.",
)
losses = [
    replace(
        early_light,
        id=number,
        settings=replace(EARLY, loss=loss),
        note=f"As 409, loss {loss}. Expected: {expected}.",
    )
    for number, loss, expected in (
        (413, "ce-stochastic-dice", "thinner faults"),
        (414, "balanced", "faults that are far too thick"),
        (415, "bce", "fewer faults"),
        (416, "thin", "fewer holes"),
    )
]
deep = FaultExperiment(
    id=417,
    settings=replace(EARLY, network="ds8", deep=True),
    note="As 407 with a loss at each level. Expected: faster in the first minutes.",
)
taught_res1 = FaultExperiment(
    id=418,
    settings=replace(EARLY, network="res1"),
    teacher="faults",
    note="As 403, taught by the model that ships. Expected: above 403.",
)
mean_teacher = replace(
    early_light,
    id=419,
    settings=replace(EARLY, student_noise=0.2),
    teacher="itself",
    note="As 409 with its own average as teacher. Expected: about the same: all is labelled.",
)

FAULTS = {
    run.id: run
    for run in (
        light,
        *early,
        early_light,
        *one_generator,
        without_variation,
        *losses,
        deep,
        taught_res1,
        mean_teacher,
    )
}


def quick(experiment: FaultExperiment) -> FaultExperiment:
    """The same for one step on tiny crops; a teacher is the network itself."""
    settings = replace(
        experiment.settings,
        crop_size=TINY_SIDE,
        survey_size=TINY_SIDE,
        epochs=1,
        steps=1,
        minutes=None,
        precision="float32",  # one coarse sample in bfloat16 has no gradient but NaN
    )
    teacher = experiment.teacher and "itself"
    return replace(experiment, settings=settings, teacher=teacher, unseen=1)


def rows(experiment: FaultExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score."""
    finished = train_faults(
        out=folder / "out",
        settings=experiment.settings,
        teacher=experiment.teacher,
        unseen=experiment.unseen,
        progress=False,
    )
    metrics = finished.metrics
    scores = {score["details"]["group"]: score for score in metrics["scores"]}
    every = scores[EVERY]["network"]
    each = " / ".join(f"{scores[name]['network']['iou']:.3f}" for name in SURVEY_GENERATORS)
    return [
        {
            "IoU": f"{every['iou']:.3f}",
            "best IoU": f"{every['best_iou']:.3f}",
            "Tol-IoU@2": f"{every['tolerant_iou']:.3f}",
            "average precision": f"{every['average_precision']:.3f}",
            "found / true": f"{every['volume_ratio']:.2f}",
            f"IoU {' / '.join(SURVEY_GENERATORS)}": each,
            "IoU of low semblance": f"{scores[EVERY]['baselines'][SEMBLANCE]['iou']:.3f}",
            "parameters": f"{metrics['parameters']:,}",
            "crops": metrics["details"]["crops"],
            "minutes": f"{metrics['minutes']['training']:.1f}",
        }
    ]
