"""Every reported run, by ID. An ID is never reused or edited.

Run some with ``python -m training.run 100 101``; add ``--quick`` for two epochs on a toy survey.
"""

from dataclasses import dataclass, field, replace

from tfseis.models.patch_classifier import FILTERS, LAYOUT
from tfseis.workflows import DEFAULTS, Settings


@dataclass(frozen=True, kw_only=True)
class FaciesExperiment:
    """One facies run: what is labelled, how it is trained, and why.

    Args:
        id: number of the run.
        note: why it was run.
        survey: folder of the real test data, or "synthetic".
        fraction: part of the samples of the training line that are labelled, at random.
        train: inline numbers that train.
        score: first and last inline number that are scored.
        settings: network and training.
    """

    id: int
    note: str
    survey: str = "penobscot"
    fraction: float = 1.0
    train: tuple[float, ...] = (1080,)
    score: tuple[float, float] = (1090, 1099)
    settings: Settings = field(default_factory=lambda: replace(DEFAULTS["patch"], folds=0))


# The section of Penobscot's labels is 512 x 1536 samples; copying it is hard to beat.
patches = FaciesExperiment(id=100, note="The patch classifier, all samples of inline 1080.")
patches_points = replace(patches, id=101, fraction=0.02, note="As 100, 2 % of the samples.")
seed = replace(
    patches,
    id=102,
    note="The replaced system's crop: neighbours and coordinates, 24 x 24 x 8.",
    settings=replace(
        DEFAULTS["patch"], folds=0, channels="seed", crop_size=24, layout=LAYOUT, filters=FILTERS
    ),
)
seed_points = replace(seed, id=103, fraction=0.02, note="As 102, 2 % of the samples.")
unet = replace(
    patches,
    id=104,
    note="The U-Net, all samples of inline 1080.",
    settings=replace(DEFAULTS["unet"], folds=0, follow=False),
)
unet_points = replace(unet, id=105, fraction=0.02, note="As 104, 2 % of the samples.")
unet_long = replace(
    unet,
    id=106,
    note="As 104, four times as long, windows of 96.",
    settings=replace(
        DEFAULTS["unet"], folds=0, follow=False, epochs=40, crops_per_epoch=1280, crop_size=96
    ),
)
unet_followed = replace(
    unet,
    id=107,
    note="As 104, following reflections.",
    settings=replace(unet.settings, follow=True),
)
unet_followed_points = replace(
    unet_followed, id=108, fraction=0.02, note="As 107, 2 % of the samples."
)

EXPERIMENTS = {
    run.id: run
    for run in (
        *(patches, patches_points, seed, seed_points, unet, unet_points, unet_long),
        *(unet_followed, unet_followed_points),
    )
}
