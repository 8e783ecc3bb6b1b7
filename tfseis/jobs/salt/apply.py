"""A salt model applied to a cube, to a folder of images, or to the challenge's test images."""

from collections import defaultdict
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from tfseis.data.scaling import survey_scaling
from tfseis.errors import OutputError
from tfseis.inference.fingerprints import resumed_backend
from tfseis.inference.precision import Computed, check_computing
from tfseis.io.cube import Cube, is_folder_of_files, opened
from tfseis.io.images.folder import read_test_images, submission_ids
from tfseis.io.images.images import ENDING, image_files, read_image, write_masks
from tfseis.io.images.submission import write_submission
from tfseis.io.output import check_outputs, complete_folder
from tfseis.jobs.contract import Applied
from tfseis.jobs.salt.computing import Wish, image_runtime, section_runtime
from tfseis.jobs.salt.cubes import write_salt
from tfseis.jobs.salt.probabilities import BATCH, probabilities
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_for
from tfseis.scores.masks import decided
from tfseis.selection import Range, select
from tfseis.tasks.run import HERE
from tfseis.tasks.workers import Workers
from tfseis.wording import counted

SUBMISSION, ARCHIVE = ".csv", ".zip"
WHOLE: Range = (None, None)


def apply_salt(
    model: keras.Model | str | Path,
    data: Cube | str | Path,
    out: str | Path,
    *,
    mask: str | Path | None = None,
    inlines: Range = WHOLE,
    crosslines: Range = WHOLE,
    time: Range = WHOLE,
    stride: int = 1,
    skip: bool = False,
    backend: str = "auto",
    precision: str = "auto",
    workers: Workers = HERE,
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write where a salt model finds salt.

    Args:
        model: trained salt model, or the file that holds it.
        data: a cube or its file, which gives a cube of probabilities; a folder of grey PNG images
            of any size, which gives a folder of masks; or, where `out` ends in ``.csv``, the
            challenge's folder or zip, whose test images give a submission.
        out: what to write: a SEG-Y file or ``.zarr``, a folder, or a CSV file.
        mask: for a cube: SEG-Y file for the mask, int16, 1 where the probability is above the
            threshold of the model. Small masks are not emptied here, as they are in submissions.
        inlines: for a cube: first and last inline number; None for the survey's.
        crosslines: for a cube: first and last crossline number.
        time: for a cube: first and last time in ms.
        stride: for a cube: keep every stride-th inline, crossline and sample.
        skip: for the challenge's folder: leave out files that cannot be used, rather than refuse.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "float32"; "bfloat16"; "int8", which is refused where some of this data shows
            other salt than in float32; or "auto" for bfloat16 where the processor computes it
            itself and some of this data shows the same salt, and float32 elsewhere.
        workers: for a cube: who predicts: `tfseis.Workers`. The result is the same whoever does.
        overwrite: replace what is there.
        progress: print the amplitude statistics and show bars.

    Returns:
        Files that were written; facts: the share that is ``salt`` and the ``scaling`` of a cube, or
        numbers of images; ``backend``, ``precision`` and why, see
        `tfseis.inference.precision.Computed`.

    Raises:
        TfseisError: what is wrong with the model, the data, a range or the output.
    """
    check_computing(backend, precision)
    if isinstance(data, (str, Path)):
        if Path(out).suffix == SUBMISSION:
            return submit(
                model,
                data,
                out,
                skip=skip,
                backend=backend,
                precision=precision,
                overwrite=overwrite,
                progress=progress,
            )
        if is_folder_of_files(data):
            return apply_to_images(
                model,
                data,
                out,
                backend=backend,
                precision=precision,
                overwrite=overwrite,
                progress=progress,
            )
    with opened(data) as cube:
        parts = select(
            cube.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride
        )
        inputs = [cube.path, *([] if isinstance(model, keras.Model) else [model])]
        files = [Path(path) for path in (out, mask) if path is not None]
        check_outputs(files, inputs, overwrite)
        network = as_model(model)
        used = survey_scaling(cube)
        if progress:
            print(f"scaling used here: {used}")
        wish = Wish(resumed_backend(out, backend), precision, progress)
        runtime, chosen = section_runtime(network, cube, parts, used, wish)
        share = write_salt(
            runtime,
            cube,
            parts,
            used,
            out,
            recipe=recipe_for(network, "salt"),
            mask=mask,
            workers=workers,
            overwrite=overwrite,
            progress=progress,
        )
    computed = Computed.by([runtime], chosen)
    return Applied(
        files=tuple(files),
        facts={"scaling": used.as_dict(), "salt": share, **computed.facts()},
        text=f"{computed.text()}\n{share:.2%} of the live samples are salt",
    )


def apply_to_images(
    model: keras.Model | str | Path,
    folder: str | Path,
    out: str | Path,
    *,
    backend: str = "auto",
    precision: str = "auto",
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write the salt masks of grey PNG images of any size: a PNG each, 255 where there is salt.

    A few images are held at a time. Depths are taken as unknown.

    Args:
        model: trained salt model, or the file that holds it.
        folder: folder of the images.
        out: folder to write; is made.
        backend: what computes, see `apply_salt`.
        precision: numeric precision, see `apply_salt`.
        overwrite: replace a folder of masks of that name.
        progress: show a bar.

    Raises:
        FormatError: there is no image, or one that cannot be used.
        OutputError: the folder to write exists, or is that of the images.
    """
    folder, out = Path(folder), Path(out)
    if out.resolve() == folder.resolve():
        raise OutputError(
            f"{out}: expected a folder of its own for the masks; it is that of the images. Choose "
            "another name."
        )
    network = as_model(model)
    recipe = recipe_for(network, "salt")
    paths = image_files(folder)
    sizes = defaultdict(list)
    for path in paths:
        sizes[read_image(path).shape].append(path)
    runtime, chosen = image_runtime(
        network,
        [size for size, same in sizes.items() for _ in same],
        lambda number: (read_image(paths[number]), np.nan),
        Wish(backend, precision, progress),
    )
    salty = 0
    with (
        complete_folder(out, results=[f"*{ENDING}"], overwrite=overwrite) as draft,
        tqdm(total=len(paths), unit=" images", desc="predict", disable=not progress) as bar,
    ):
        for same in sizes.values():
            for start in range(0, len(same), BATCH):
                part = same[start : start + BATCH]
                images = np.stack([read_image(path) for path in part])
                found = probabilities(runtime, images, np.full(len(part), np.nan), recipe)
                masks = decided(found, recipe.threshold, recipe.smallest)
                write_masks(draft, [path.stem for path in part], masks)
                salty += int(masks.any(axis=(1, 2)).sum())
                bar.update(len(part))
    computed = Computed.by([runtime], chosen)
    return Applied(
        files=(out,),
        facts={"images": len(paths), "with_salt": salty, **computed.facts()},
        text=f"{computed.text()}\n{counted(len(paths), 'image')}, {salty} with salt",
    )


def submit(
    model: keras.Model | str | Path,
    folder: str | Path,
    path: str | Path,
    *,
    skip: bool = False,
    backend: str = "auto",
    precision: str = "auto",
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write the submission for the challenge's test images.

    Args:
        model: trained salt model, or the file that holds it.
        folder: the challenge's folder or zip, see `tfseis.io.read_test_images`.
        path: the submission, a CSV file.
        skip: leave out files that cannot be used, rather than refuse them; their masks are empty.
        backend: what computes, see `apply_salt`.
        precision: numeric precision, see `apply_salt`.
        overwrite: replace the submission.
        progress: show bars.
    """
    read = [folder, *Path(folder).glob(f"*{SUBMISSION}")]  # its tables stay
    check_outputs([path], [*read, *([] if isinstance(model, keras.Model) else [model])], overwrite)
    network = as_model(model)
    recipe = recipe_for(network, "salt")
    ids, images, depths = read_test_images(folder, skip=skip, progress=progress)
    title = "predict" if progress else ""
    runtime, chosen = image_runtime(
        network,
        [images.shape[1:]] * len(images),
        lambda number: (images[number], float(depths[number])),
        Wish(backend, precision, progress),
    )
    found = probabilities(runtime, images, depths, recipe, title=title)
    masks = decided(found, recipe.threshold, recipe.smallest)
    every = submission_ids(folder)
    write_submission(path, ids, masks, every=every, overwrite=overwrite)
    salty, absent = int(masks.any(axis=(1, 2)).sum()), len(every) - len(ids)
    left_out = f"; {absent} without an image that can be used, their masks are empty"
    computed = Computed.by([runtime], chosen)
    return Applied(
        files=(Path(path),),
        facts={
            "images": len(ids),
            "with_salt": salty,
            "left_out": absent,
            **computed.facts(),
        },
        text=f"{computed.text()}\n"
        f"{counted(len(ids), 'image')}, {salty} with salt{left_out if absent else ''}",
    )
