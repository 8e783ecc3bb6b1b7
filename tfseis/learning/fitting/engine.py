"""The one way to train a network: `fit`."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from tfseis.devices.choice import devices_of
from tfseis.errors import ModelError
from tfseis.learning.fitting.ahead import drawn_ahead
from tfseis.learning.fitting.checkpoints import BEST_MODEL, load_state
from tfseis.learning.fitting.clock import Clock
from tfseis.learning.fitting.history import Fitted
from tfseis.learning.fitting.identity import check_same_run
from tfseis.learning.fitting.loop import Batches, Run, Score, train
from tfseis.learning.fitting.progress import ProgressBar
from tfseis.learning.fitting.randomness import restart, seeds_of, state_of
from tfseis.learning.fitting.training import SCORE, Training
from tfseis.learning.tracking import trackers


def fit(
    build: Callable[[], keras.Model],
    batches: Callable[[int], Batches],
    training: Training,
    *,
    folder: str | Path,
    loss: Callable | keras.losses.Loss | Mapping[str, Any],
    loss_weights: Mapping[str, float] | None = None,
    metrics: Mapping[str, Callable] | None = None,
    validation: Batches | None = None,
    score: Score | None = None,
    teach: Callable[[Batches, keras.Model], Batches] | None = None,
    on_step: Callable[[int, float], None] | None = None,
    random: Sequence[Any] = (),
    callbacks: Sequence[keras.callbacks.Callback] = (),
    run: str = "",
    title: str = "train",
    progress: bool = True,
    strategy: Any = None,
) -> Fitted:
    """Train a network, or resume the interrupted run in `folder`, which ends with the same weights.

    Validation, and scores unless `training.best` is "score", are only recorded: nothing is chosen
    by them, so that they stay honest.

    Args:
        build: makes the network that training starts from; it is called twice.
        batches: takes the number of the first batch wanted; gives endless batches (inputs, targets)
            or (inputs, targets, weights) that depend on that number alone.
        training: limits, learning rate, averaging, which weights are delivered, seed.
        folder: for ``state.npz``, from which a run is resumed, ``best.keras``, the network that
            would be delivered now, ``history.csv``, and TensorBoard's log where it is installed.
        loss: takes (targets, outputs); or a dict of losses by the name of an output, of which
            those are used whose output the network has.
        loss_weights: weight of each loss of such a dict.
        metrics: functions of (targets, outputs) by the name under which they are recorded.
        validation: finite batches that do not train, evaluated after each epoch.
        score: takes a network; gives one score, or several by name. It is called after epochs, with
            the averaged network where weights are averaged.
        teach: takes batches and the network that `score` gets, which may be its own teacher; gives
            the batches that train, such as `tfseis.learning.taught`.
        on_step: called before each step with its number and the part of the training that is over,
            0 to 1; it may change variables of a loss.
        random: further objects whose random numbers belong to the training, such as a teacher with
            dropout. A new run starts them from its own seed.
        callbacks: Keras callbacks, told of the training, its epochs and its batches.
        run: what else tells this run from others: data, network, labels.
        title: the words before the progress bar.
        progress: whether a progress bar is shown.
        strategy: "mirrored", or a strategy of TensorFlow, to share each batch between several
            devices, as `tfseis.devices.shared_by` explains; None for those of the `shared_by`
            around this call, or one.

    Returns:
        The network to deliver, and the history of its training.

    Raises:
        OutputError: `folder` holds a run with other settings.
        ModelError: the loss or the weights are not finite; the network does not know its inputs;
            the batches end; or there is no score to choose the best weights by.
    """
    if training.best == SCORE and score is None:
        raise ModelError(
            "Expected a score, since the weights with the best one are delivered; got none. Give "
            "one, or choose 'loss' or 'last'."
        )
    with devices_of(strategy) as devices:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        check_same_run(folder, training, run)
        keras.utils.set_random_seed(training.seed)
        model, delivered = _networks(build)
        _compile(model, training, loss, loss_weights, metrics)
        drawing = seeds_of(random)
        restart(drawing, training.seed)
        state = [*model.variables, *model.optimizer.variables, *state_of([loss, metrics]), *drawing]
        state += [] if training.memory is None else delivered.variables
        record = load_state(folder, state)
        now = Run(
            model=model,
            delivered=delivered,
            training=training,
            folder=folder,
            validation=validation,
            score=score,
            on_step=on_step,
            callbacks=_listeners(model, folder, run or title, callbacks, devices.first),
            state=state,
            losses=seeds_of([loss, metrics]),
            record=record,
            clock=Clock(training, record.minutes, devices.agreed),
            step=devices.step(model),
            agreed=devices.agreed,
        )
        if not now.ended:
            drawn = drawn_ahead(batches(len(record.rows) * training.steps))
            shown = progress and devices.first
            with closing(drawn), ProgressBar(training, title, shown) as bar:
                train(now, iter(teach(drawn, now.scored) if teach else drawn), bar)
        delivered.load_weights(folder / BEST_MODEL)
        return Fitted(delivered, pd.DataFrame(record.rows))


def _networks(build: Callable[[], keras.Model]) -> tuple[keras.Model, keras.Model]:
    """The network that trains, and one of the same weights that is averaged or delivered."""
    model, delivered = build(), build()
    if not model.built:
        raise ModelError(
            f"Expected a network that knows the shape of its inputs; {model.name!r} does not. "
            "Begin a Sequential model with keras.Input."
        )
    delivered.set_weights(model.get_weights())
    return model, delivered


def _compile(
    model: keras.Model,
    training: Training,
    loss: Callable | keras.losses.Loss | Mapping[str, Any],
    loss_weights: Mapping[str, float] | None,
    metrics: Mapping[str, Callable] | None,
) -> None:
    """Compile with the losses whose outputs the network has; the optimizer gets its variables."""
    weights = None
    if isinstance(loss, Mapping):
        names = [name for name in model.output if name in loss]
        loss = {name: loss[name] for name in names}
        weights = None if loss_weights is None else {name: loss_weights[name] for name in names}
    means = [_metric(function, name) for name, function in (metrics or {}).items()]
    model.compile(training.make_optimizer(), loss=loss, loss_weights=weights, metrics=means or None)
    model.optimizer.build(model.trainable_variables)


def _metric(function: Callable, name: str) -> keras.metrics.Metric:
    return keras.metrics.MeanMetricWrapper(function, name=name)


def _listeners(
    model: keras.Model,
    folder: Path,
    about: str,
    callbacks: Sequence[keras.callbacks.Callback],
    first: bool,
) -> keras.callbacks.CallbackList:
    """The callbacks of trackers, of TensorBoard where it is installed, and of the caller.

    Of several processes that train together only the `first` logs.
    """
    found = [*(trackers(folder, about) if first else ()), *callbacks]
    if (
        first
        and keras.backend.backend() == "tensorflow"
        and importlib.util.find_spec("tensorboard")
    ):
        found.append(keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False))
    return keras.callbacks.CallbackList(found, model=model)
