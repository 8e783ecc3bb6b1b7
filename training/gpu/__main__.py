"""Train the network of a job on an accelerator: ``python -m training.gpu faults --out OUT``.

OUT/faults.npz holds the averaged weights, written every minute, as
`tfseis.models.pretrained("faults", folder=OUT)` reads them; OUT/log.jsonl the numbers on the way;
OUT/scores.json the scores of surveys that did not train. Add ``--dry`` for the same in small.
``python -m training.gpu model OUT faults.keras`` makes a model file of the weights.

Keras runs on JAX, and TensorFlow is never imported; training/gpu/README.md says what is needed.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from training.gpu.surveys import GENERATORS, SurveyMakers, cores, unseen

FIRST = 48  # surveys before the first step
QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"  # compiling
UNSEEN_SALTY = 0.08  # share of the surveys with salt that are scored
KNOWN = ("gaussian", "spectral", "rift")
DEFAULT_MIX = ("steep", "steep", "steep", "gaussian", "spectral", "rift")
DRY = {  # most of its time compiles, which a free core does in 30 s
    "minutes": 30.0,  # the steps end it, however busy the processor is
    "spare": 0.0,
    "steps": 6,
    "size": 32,
    "crop": 16,
    "batch": 2,
    "capacity": 6,
    "slots": 6,
    "workers": 1,
    "first": 3,
    "scored": 1,
    "network": "light",
    "every": 0.05,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or make a model file; returns the exit code."""
    options = _parser().parse_args(arguments)
    if missing := _missing(options.job):
        print(f"training.gpu: {missing}", file=sys.stderr)
        return 1
    if options.job == "model":
        return _model(Path(options.run), Path(options.file), options.threshold)
    if options.job == "speed":
        return _speed(options)
    if options.dry:
        vars(options).update(DRY)
        os.environ.setdefault("XLA_FLAGS", QUICK)  # read where JAX is imported
    began = time.monotonic()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    processes = options.workers or max(cores() - 1, 1)
    names = tuple(dict.fromkeys((*KNOWN, *options.generators)))
    held_out = unseen(
        names, options.scored, size=options.size, salty=UNSEEN_SALTY, processes=processes
    )
    with SurveyMakers(
        options.generators,
        size=options.size,
        count=processes,
        slots=options.slots,
        seed=options.seed,
        salty=options.salty,
    ) as makers:
        return _train(options, makers, held_out, began)


def _missing(job: str) -> str:
    """What is missing for a job, before processes and surveys are made; empty if nothing is."""
    backend = os.environ["KERAS_BACKEND"]
    if job == "model":
        return ""
    if backend != "jax":
        return f"expected Keras on JAX; got KERAS_BACKEND={backend}. Set it to jax, or unset it."
    if find_spec("jax") is None:
        return "expected JAX; it is not installed. Run pip install jax."
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.gpu", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True)
    add = jobs.add_parser("faults", help="train the fault network").add_argument
    add("--out", required=True, metavar="DIR")
    add("--minutes", type=float, default=9.0, help="length of the whole, scores included")
    add("--spare", type=float, default=40.0, help="seconds kept for the scores at the end")
    add("--convolutions", default="planes", choices=("cubes", "planes"), help="see `speed`")
    add("--steps", type=int, help="largest number of steps")
    add("--network", default="wide", help="name of the network")
    add("--loss", default="ce-dice", choices=("ce-dice", "ce-thin", "bce"))
    add("--rate", type=float, default=2e-3, help="largest learning rate")
    add("--memory", type=float, default=0.999, help="part of the averaged weights a step keeps")
    add("--precision", default="mixed_bfloat16", choices=("mixed_bfloat16", "float32"))
    add("--generators", nargs="+", default=DEFAULT_MIX, choices=sorted(GENERATORS))
    add("--size", type=int, default=128, help="samples a side of a survey")
    add("--crop", type=int, default=96, help="samples a side of a crop")
    add("--batch", type=int, default=8, help="crops in a step")
    add("--salty", type=float, default=0.12, help="share of the surveys with salt")
    add("--flat", type=float, default=0.35, help="share of the crops that repeat one section")
    add("--exact", type=float, default=0.35, help="share of the crops that are not stretched")
    add("--workers", type=int, default=0, help="processes that make surveys; 0: cores less one")
    add("--slots", type=int, default=512, help="surveys that may wait")
    add("--capacity", type=int, default=4096, help="surveys kept on the accelerator")
    add("--first", type=int, default=FIRST, help="surveys before the first step")
    add("--fresh", type=int, default=8, help="surveys taken in before a step, at most")
    add("--every", type=float, default=1.0, help="minutes between checkpoints")
    add("--scored", type=int, default=6, help="surveys of each generator scored at the end")
    add("--base", metavar="DIR", help="folder of faults.npz to start from")
    add("--seed", type=int, default=0)
    add("--dry", action="store_true", help="the same in small, for a processor, within a minute")
    add = jobs.add_parser("speed", help="time of a step, by way of computing it").add_argument
    add("--network", default="wide")
    add("--crop", type=int, default=96)
    add("--batch", type=int, default=8)
    add("--size", type=int, default=128)
    add("--ways", nargs="+", default=("cubes", "planes"), choices=("cubes", "planes"))
    add("--precision", default="mixed_bfloat16", choices=("mixed_bfloat16", "float32"))
    add = jobs.add_parser("model", help="a model file from what a training left").add_argument
    add("run", metavar="DIR")
    add("file", metavar="FILE.keras")
    add("--threshold", type=float, help="probability from which a sample is a fault; default 0.5")
    return parser


def _train(
    options: argparse.Namespace, makers: SurveyMakers, held_out: dict[str, list], began: float
) -> int:
    import jax  # noqa: PLC0415  after the processes were forked
    import keras  # noqa: PLC0415

    from tfseis.models.cubes.networks import fault_network  # noqa: PLC0415
    from tfseis.models.pretrained import pretrained  # noqa: PLC0415
    from training.gpu.crops import SurveyPool  # noqa: PLC0415
    from training.gpu.draws import CropRules  # noqa: PLC0415
    from training.gpu.fitting import Log, Schedule, train  # noqa: PLC0415
    from training.gpu.planes import by_planes  # noqa: PLC0415
    from training.gpu.scores import Delivery, scores  # noqa: PLC0415
    from training.gpu.step import LOSSES, Learner  # noqa: PLC0415

    out = Path(options.out)
    log = Log(out / "log.jsonl")
    log.add(device=str(jax.devices()[0]), jax=jax.__version__, keras=keras.__version__)
    log.add(**{k: v for k, v in vars(options).items() if v is not None})
    keras.utils.set_random_seed(options.seed)
    keras.config.set_dtype_policy(options.precision)
    network = fault_network(options.network)
    if options.base:
        network.set_weights(pretrained("faults", folder=options.base).get_weights())
    if options.convolutions == "planes":
        by_planes(network)
    learner = Learner(network, LOSSES[options.loss], memory=options.memory, crop=options.crop)
    pool = SurveyPool(options.capacity, options.size)
    for amplitude, faults in makers.ready(options.first, wait=True):
        pool.add(amplitude, faults)

    delivery = Delivery(options.network, out, crop=options.crop, seed=options.seed)
    done = train(
        learner,
        makers,
        pool,
        CropRules(size=options.crop, flat=options.flat, exact=options.exact),
        Schedule(
            end=began + 60 * options.minutes - options.spare,
            rate=options.rate,
            every=options.every,
            steps=options.steps,
        ),
        batch=options.batch,
        fresh=options.fresh,
        seed=options.seed,
        log=log,
        save=delivery.write,
    )
    log.add(**done)
    makers.stop()
    averaged = delivery.finish()
    began_scores = time.monotonic()
    found = scores(averaged, held_out)
    log.add(seconds_of_scores=time.monotonic() - began_scores)
    for name, numbers in found.items():
        log.add(generator=name, **numbers)
    (out / "scores.json").write_text(json.dumps({"training": done, "scores": found}, indent=1))
    return 0


def _speed(options: argparse.Namespace) -> int:
    import keras  # noqa: PLC0415

    from training.gpu.speed import times  # noqa: PLC0415

    keras.config.set_dtype_policy(options.precision)
    for row in times(
        options.network,
        crop=options.crop,
        batch=options.batch,
        side=options.size,
        ways=tuple(options.ways),
    ):
        print(json.dumps(row), flush=True)
    return 0


def _model(run: Path, file: Path, threshold: float | None) -> int:
    from tfseis.models.pretrained import pretrained  # noqa: PLC0415
    from tfseis.models.recipe import recipe_of, with_recipe  # noqa: PLC0415

    model = pretrained("faults", folder=run)
    if threshold is not None:
        model = with_recipe(model, replace(recipe_of(model), threshold=threshold))
    model.save(file)
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
