"""Weights between those of several trainings: ``python -m training.mixing OUT A=0.8 B=0.2``.

Of networks that were trained on from the same one, a mean keeps most of what each can do.

Source: Wortsman et al. 2022, Robust fine-tuning of zero-shot models,
https://arxiv.org/abs/2109.01903.
Differs from it: any number of trainings; statistics of normalisation are averaged too.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfseis.errors import ModelError, TfseisError
from tfseis.models.pretrained import pretrained, write_pretrained
from tfseis.models.recipe import recipe_of, with_recipe

NAME = "faults"
CLOSE = 1e-6  # of the sum of the shares to 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the mean of some weights; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.mixing", allow_abbrev=False)
    parser.add_argument("out", metavar="OUT", help="folder of the new faults.npz")
    parser.add_argument("parts", nargs="+", metavar="DIR=SHARE", help="folders of faults.npz")
    parser.add_argument("--threshold", type=float, help="of the recipe; else that of the first")
    options = parser.parse_args(arguments)
    try:
        parts = [_part(text) for text in options.parts]
        print(mixed(options.out, parts, options.threshold))
    except (TfseisError, OSError) as error:
        print(f"mixing: {error}", file=sys.stderr)
        return 1
    return 0


def mixed(out: str, parts: Sequence[tuple[str, float]], threshold: float | None = None) -> str:
    """Write the weighted mean of the weights of several fault networks of one kind.

    Args:
        out: folder of the new ``faults.npz``.
        parts: folders of ``faults.npz`` and their shares, whose sum is 1.
        threshold: threshold of the recipe; None for that of the first, as all else of the recipe.

    Returns:
        The file.

    Raises:
        ModelError: the shares do not add up to 1, or the networks differ.
    """
    total = sum(share for _, share in parts)
    if abs(total - 1) > CLOSE:
        raise ModelError(f"Expected shares whose sum is 1; got {total:g}. Change one.")
    models = [pretrained(NAME, folder=folder) for folder, _ in parts]
    recipe = recipe_of(models[0])
    names = {recipe_of(model).network for model in models}
    if len(names) > 1:
        raise ModelError(
            f"Expected one kind of network; got {', '.join(sorted(names))}. Mix those of one kind."
        )
    shares = [share for _, share in parts]
    weights = [
        np.tensordot(shares, np.stack(same), 1).astype("float32")
        for same in zip(*(model.get_weights() for model in models), strict=True)
    ]
    models[0].set_weights(weights)
    recipe = replace(recipe, threshold=recipe.threshold if threshold is None else threshold)
    return str(write_pretrained(with_recipe(models[0], recipe), NAME, folder=out))


def _part(text: str) -> tuple[str, float]:
    folder, _, share = text.rpartition("=")
    try:
        return folder, float(share)
    except ValueError as error:
        raise ModelError(f"Expected DIR=SHARE; got {text!r}. Write runs/one=0.8.") from error


if __name__ == "__main__":
    sys.exit(main())
