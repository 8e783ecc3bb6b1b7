"""Cubes of the jobs by toy networks in several parts, and runs of them that fail on the way."""

from dataclasses import dataclass, replace
from pathlib import Path

import keras

import tfseis
from tests.jobs.conftest import RECIPE as SALT
from tests.jobs.faults.line_files import edge_model
from tfseis.data.scaling import Scaling
from tfseis.inference import volume
from tfseis.io.unfinished import unfinished_folder
from tfseis.jobs.facies import FaciesRecipe
from tfseis.jobs.facies import cube as facies_cube
from tfseis.jobs.faults import FaultFiles
from tfseis.jobs.salt import sections
from tfseis.models import patch_classifier, with_recipe
from tfseis.tasks.ledger import NAME, Ledger

SHAPE = (26, 20, 30)
SMALL = (  # so that a small cube has several parts
    (volume, "FEWEST", 1),
    (facies_cube, "BLOCK_SAMPLES", 5 * 20 * 30),
    (facies_cube, "SMALLEST_SIDE", 4),
    (sections, "BLOCK_SAMPLES", 6 * 20 * 30),
)
FACIES = FaciesRecipe(
    network="patch",
    axes=2,
    answers="middle of a crop",
    crop_size=4,
    channels="amplitude",
    axis=0,
    codes=(0, 1, 2),
    names=("a", "b", "c"),
    colours=("#000000",) * 3,
    scaling=Scaling(0.0, 1.0).as_dict(),
    grid={},
    seed=0,
    version="0",
)


def patch_model(seed: int = 0, **changes) -> keras.Model:
    """A classifier of three classes."""
    keras.utils.set_random_seed(seed)
    network = patch_classifier((4, 4, 1), classes=3, layout="cn", filters=(4,))
    return with_recipe(network, replace(FACIES, **changes))


def salt_network(seed: int = 0) -> keras.Model:
    """A network of salt that is not symmetric."""
    keras.utils.set_random_seed(seed)
    images = keras.Input((None, None, 1))
    logits = keras.layers.Conv2D(1, 3, padding="same")(images)
    return with_recipe(keras.Model(images, logits), SALT)


def faults(survey, out, *, seed=0, skeleton=None, picture=None, **options):
    """Probability and mask of faults, and files that are made of these."""
    mask = out.with_name(f"mask_{out.name}")
    files = FaultFiles(mask=mask, skeleton=skeleton, picture=picture)
    model = edge_model(window=8, gain=6.0 + seed)
    tfseis.apply_faults(model, survey, out, files=files, **COMMON | options)
    return out, files.mask


def facies(survey, out, *, seed=0, **options):
    """Classes and their confidence."""
    sure = out.with_name(f"sure_{out.name}")
    tfseis.apply_facies(patch_model(seed), survey, out, confidence=sure, **COMMON | options)
    return out, sure


def salt(survey, out, *, seed=0, **options):
    """Probability and mask of salt."""
    mask = out.with_name(f"mask_{out.name}")
    tfseis.apply_salt(salt_network(seed), survey, out, mask=mask, **COMMON | options)
    return out, mask


COMMON = {"backend": "keras", "precision": "float32", "progress": False}
CUBES = {
    "faults": (faults, volume.VolumeWork),
    "facies": (facies, facies_cube.BlockWork),
    "salt": (salt, sections.SectionWork),
}


def finished_parts(out: Path) -> list[int]:
    """Numbers of the parts that were finished, in that order; repeated ones as often."""
    lines = Ledger(unfinished_folder(out) / NAME).lines
    return [line["task"] for line in lines if "task" in line]


@dataclass
class Stop:
    """Lets so many parts be done, then acts."""

    work: type
    after: int
    act: object
    done: int = 0

    def install(self, monkeypatch) -> None:
        """Put it in the place of what does the parts."""
        run = self.work.run

        def stopping(work, task, state, tick):
            if self.done == self.after:
                self.act()
            self.done += 1
            return run(work, task, state, tick)

        monkeypatch.setattr(self.work, "run", stopping)


def fail() -> None:
    """What ends a run, much like a kill."""
    raise KeyboardInterrupt
