"""By what the input, the networks and the arguments of an unfinished result are known again."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.errors import OutputError
from tfseis.inference.moved import stored
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.io.unfinished import fingerprint, unfinished_folder
from tfseis.selection import Parts
from tfseis.tasks.ledger import NAME, Ledger
from tfseis.tasks.workers import Workers


def head_of(
    cube: Cube,
    parts: Parts,
    networks: Sequence[Runtime | keras.Model],
    workers: Workers,
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    """Facts by which a run sees that an unfinished result is the one that it makes.

    Args:
        cube: the input.
        parts: range and stride along each axis.
        networks: what predicts.
        workers: who predicts; on the number of threads the last digits of TensorFlow depend.
        arguments: further facts that the result depends on, plain values.
    """
    known: dict[str, Any] = {
        "input": fingerprint(cube),
        "part": [list(part.indices(n)) for part, n in zip(parts, cube.shape, strict=True)],
        "model": [
            [one.backend, one.precision, network_fingerprint(one.source)]
            if isinstance(one, Runtime)
            else network_fingerprint(one)
            for one in networks
        ],
        "arguments": dict(arguments),
    }
    if not all(isinstance(one, Runtime) and one.backend == "openvino" for one in networks):
        known["threads of a process"] = workers.threads
    return known


def resumed_backend(out: str | Path, backend: str) -> str:
    """What computes a result: "auto" is what an unfinished run of it chose, if there is one.

    Args:
        out: final name of the result.
        backend: "auto", "keras" or "openvino".
    """
    path = unfinished_folder(out) / NAME
    if backend != "auto" or not path.is_file():
        return backend
    try:
        networks = Ledger(path).head.get("model", [])
    except OutputError:  # it is refused later, where it can be replaced
        return backend
    chosen = {one[0] for one in networks if isinstance(one, list)}
    return chosen.pop() if len(chosen) == 1 else backend


def network_fingerprint(network: Any) -> str:
    """A checksum of a network: its layers and weights, or its files.

    Args:
        network: a Keras model, an OpenVINO model, or a path; see `Runtime.source`.

    Returns:
        SHA-256 in hexadecimal, the first 16 digits.
    """
    found = hashlib.sha256()
    if isinstance(network, keras.Model):
        found.update(str([type(layer).__name__ for layer in network.layers]).encode())
        for weight in network.get_weights():
            found.update(str(weight.shape).encode())
            found.update(np.ascontiguousarray(weight).tobytes())
    elif isinstance(network, Path):
        files = [network] if network.is_file() else sorted(network.rglob("*"))
        for file in (one for one in files if one.is_file()):
            found.update(file.read_bytes())
    else:
        for data in stored(network):
            found.update(data)
    return found.hexdigest()[:16]
