"""From a cube and a few labels to a labelled cube."""

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfseis.data.scaling import survey_scaling
from tfseis.errors import ModelError
from tfseis.inference.fingerprints import resumed_backend
from tfseis.inference.runtime import check_backend
from tfseis.io.cube import Cube, opened
from tfseis.io.labels.label_cube import LabelCube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import legend_path
from tfseis.jobs.contract import Finished
from tfseis.jobs.facies.acceptance import check_accept, check_found, delivered, name_delivered
from tfseis.jobs.facies.apply import check_abstain, write_prediction
from tfseis.jobs.facies.blocks import NETWORK_DELIVERED, score_blocks
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.codes import classes_text, matched_truth, with_codes
from tfseis.jobs.facies.computing import choose_computing
from tfseis.jobs.facies.evidence import predict_labels
from tfseis.jobs.facies.followed_training import train_following
from tfseis.jobs.facies.forecast import forecast
from tfseis.jobs.facies.given import Line, given_labels, given_truth, paths_among
from tfseis.jobs.facies.record import BLOCKS, LINES, facies_metrics, score_text, split_score
from tfseis.jobs.facies.report import facies_report
from tfseis.jobs.facies.scores import leaking_score, line_score
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.stages import BLOCKED, PREDICTION, READING, SCORING, TRAINING, Stages
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import check_own, training_of
from tfseis.jobs.run import REPORT, RunFolder, check_folder
from tfseis.learning.fitting import trained_minutes
from tfseis.learning.saving import save_model
from tfseis.models.recipe import with_recipe
from tfseis.selection import Parts, Range, select
from tfseis.tasks.run import HERE
from tfseis.tasks.workers import Workers
from tfseis.wording import counted

MODEL, CLASSES, CONFIDENCE = "model.keras", "facies.sgy", "confidence.sgy"
RESULTS = (MODEL, CLASSES, legend_path(CLASSES).name, CONFIDENCE)
SMALL_CROP = 128  # samples a side, of crops that fit in memory on any survey
RANDOM_POINTS = 1000  # scored among the training points, as the replaced system did


def train_facies(
    cube: Cube | str | Path,
    labels: Sequence[str | Path] | Labels = (),
    *,
    out: str | Path,
    label_cube: Any = None,
    lines: Sequence[Line] = (),
    reading: Mapping[str, Any] | None = None,
    codes: Mapping[str, int] | None = None,
    truth: Any = None,
    truth_inlines: Range | None = None,
    truth_crosslines: Range | None = None,
    settings: FaciesSettings | None = None,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
    abstain: float | None = None,
    accept: str | None = None,
    backend: str = "auto",
    workers: Workers = HERE,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> Finished:
    """Train on a few labels, score in blocks that the training never saw, label the whole cube.

    Writes into `out`: model.keras (trained on all labels), facies.sgy with its legend
    facies.classes.csv, confidence.sgy, report.html, metrics.json, and training/ (checkpoints and
    logs, from which an interrupted run is resumed).

    Args:
        cube: survey to label: a cube, or what `tfseis.io.open_cube` takes.
        labels: paths of label files, one a class: points, horizons, fault sticks, polygons, painted
            sections (see `tfseis.io.read_labels`); or `Labels` in memory. Give these or
            `label_cube`.
        out: folder for the results; is made.
        label_cube: class code at every sample, as `tfseis.io.open_label_cube` takes it: a path, an
            array or a `ClassCube`. It trains on `lines`.
        lines: lines that train: (0, inline number), (1, crossline number) or (2, time in ms).
        reading: how label files are read: arguments ``kind``, ``columns``, ``unit`` and ``ignore``
            of `tfseis.io.read_labels`; ``ignore`` holds for `truth` too.
        codes: number of a class in facies.sgy by the name of the class; those of other classes
            stay, which for label files count from 0 in the order of their names.
        truth: label cube to score against on whole lines that did not train. Where a legend file
            names its classes they are matched by name, otherwise by number.
        truth_inlines: first and last inline number of the truth to score; all it holds if None.
        truth_crosslines: first and last crossline number to score instead of inlines.
        settings: network and training; the defaults if None.
        inlines: first and last inline number to predict; None for the survey's.
        crosslines: first and last crossline number to predict.
        time: first and last time in ms to predict.
        stride: every stride-th inline, crossline and sample is predicted.
        abstain: least confidence of a sample in facies.sgy, 0 to 1; below it the sample is of a
            class of its own, ``unsure``. None for none.
        accept: what is delivered where held-out blocks say that a baseline is better than the
            network, or that a class is lost: "network" or "baseline". None asks at a terminal,
            delivers the network and says so elsewhere, and refuses a network that loses a class.
        backend: what computes the labelled cube: "auto", "keras" or "openvino", see
            `tfseis.inference.Runtime`. Trainings and scores are computed by Keras.
        workers: who trains without each held-out block and predicts the cube: `tfseis.Workers`.
            The other trainings are those of this process.
        overwrite: whether a finished run in `out` is replaced.
        command: recorded in metrics.json; the words of this process if empty.
        progress: whether bars and what was read are printed.

    Raises:
        TfseisError: what is wrong with the input, and what to do.
    """
    began, settings, out = clock.monotonic(), settings or FaciesSettings(), Path(out)
    check_folder(out, overwrite=overwrite)
    check_abstain(abstain)
    check_accept(accept)
    check_backend(backend)
    training_of(settings)  # refuses a learning rate or seed out of range
    with opened(cube) as source:
        parts = select(
            source.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride
        )
        kind = settings.label_kind
        known = given_labels(source.geometry, labels, label_cube, lines, kind=kind, reading=reading)
        if progress and known.notes:
            print(*known.notes, sep="\n")
        known = with_codes(known, codes or {})
        wanted = truth_inlines, truth_crosslines
        ignore = (reading or {}).get("ignore", ())
        other, others = given_truth(source.geometry, truth, wanted, known, ignore=ignore)
        if progress and other is not None and other.ignore:
            print(f"{other.path.name}: codes that mean unlabelled: {other.ignore}")
        _check_crop(settings.crop_size, source)
        truth_text = "" if other is None else matched_truth(known.legend, other, others).text()
        survey = Survey.of(source, known, survey_scaling(source), settings)
        check_own(survey)
        files = () if isinstance(labels, Labels) else labels
        run = RunFolder.begin(
            out,
            job="facies",
            settings=settings,
            identity=survey.identity,
            results=(*RESULTS, REPORT),
            inputs=[source.path, *paths_among(*files, label_cube, truth)],
            overwrite=overwrite,
            command=command,
            began=began,
        )
        if progress:
            print(_opening(survey, truth_text), forecast(survey, parts, out), sep="\n")
        wishes = abstain, accept, backend, workers
        return _trained(survey, run, parts, (other, others), wishes, progress=progress)


def _trained(
    survey: Survey,
    run: RunFolder,
    parts: Parts,
    truth: tuple[LabelCube | None, list[Line]],
    wishes: tuple[float | None, str | None, str, Workers],
    *,
    progress: bool,
) -> Finished:
    """Train, score, predict and record, once everything was read and checked."""
    stages = Stages()
    stages.add(READING, clock.monotonic() - run.began)
    with stages.of(BLOCKED):
        blocks = score_blocks(survey, run.training, workers=wishes[-1], progress=progress)
    with stages.of(TRAINING):
        model, histories, guide = train_following(
            survey,
            run.training,
            weight=blocks.weight,
            temperature=blocks.temperature,
            progress=progress,
        )
    if blocks.calibrated:
        model = with_recipe(model, replace(survey.recipe, temperature=blocks.network_temperature))
    abstain, accept, backend, workers = wishes
    with stages.of(SCORING):
        predicted = predict_labels(survey, model)
    instead = delivered(survey, blocks, guide, accept, progress=progress)
    by = name_delivered(blocks, guide, instead)
    if guide is None and instead is None:
        check_found(survey, predicted, accept)
    leaking = leaking_score(survey, predicted, RANDOM_POINTS)
    other, others = truth
    on_lines = None
    if other is not None:
        with stages.of(SCORING):
            on_lines = line_score(survey, model, other, others, guide, progress=progress)
    classifier = DenseClassifier(model)
    with stages.of(PREDICTION):
        if instead is None:
            choose_computing(
                classifier,
                survey.cube,
                parts,
                survey.scaling,
                backend=resumed_backend(run.out / CLASSES, backend),
                precision="float32",
                progress=progress,
            )
            if guide is not None:
                guide.network.classifier.runtime = classifier.runtime
        written = write_prediction(
            classifier,
            survey.cube,
            parts,
            survey.scaling,
            run.out / CLASSES,
            confidence=run.out / CONFIDENCE,
            abstain=abstain,
            follower=guide if instead is None else instead,
            calibrated=blocks.calibrated or instead is not None,
            by="" if by == NETWORK_DELIVERED else f"{by}, no network",
            identity=survey.fingerprint(),
            workers=workers,
            stages=stages,
            overwrite=True,
            progress=progress,
        )
    save_model(model, run.out / MODEL)
    pairs = (blocks.score, BLOCKS), (on_lines, LINES)
    scores = [split_score(score, split) for score, split in pairs if score is not None]
    metrics = facies_metrics(
        survey,
        parameters=model.count_params(),
        scores=scores,
        leaking=leaking,
        guide=guide,
        blocks=blocks,
        on_lines=on_lines,
        delivered=by,
        epochs=[len(history) for history in (*blocks.histories, *histories)],
        training_minutes=trained_minutes(run.training),
        backend=classifier.runtime.backend,
        minutes=stages.minutes,
    )
    report = facies_report(
        survey,
        cubes=written.cubes,
        history=histories[-1],
        blocks=blocks,
        on_lines=on_lines,
        leaking=leaking,
        delivered=by,
    )
    text = score_text({"scores": [s.as_dict() for s in scores], "details": metrics.details})
    return run.finish(metrics, f"{text}\n{stages.text()}", RESULTS, report)


def _check_crop(crop_size: int, cube: Cube) -> None:
    """Refuse crops that are mirrored borders more than survey, and may not fit in memory."""
    most = max(2 * max(cube.shape), SMALL_CROP)
    if crop_size > most:
        raise ModelError(
            f"Expected a crop size of at most {most} for {cube.name}, whose longest side has "
            f"{max(cube.shape)} samples; got {crop_size}. Lower it, or leave it out."
        )


def _opening(survey: Survey, truth: str) -> str:
    cube, labels = survey.cube, survey.labels
    truth = f"{truth}\n" if truth else ""
    return (
        f"{cube.name}: {' x '.join(map(str, cube.shape))}, {survey.scaling}\n"
        f"{classes_text(labels.legend)}\n{truth}"
        f"{counted(len(labels), 'labelled sample')} of {len(labels.legend)} classes on "
        f"{counted(len(survey.sections), 'section')}; {counted(survey.guard(), 'sample')} "
        "between training and test blocks"
    )
