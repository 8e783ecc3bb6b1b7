"""Send a kernel to Kaggle: ``python kaggle/push.py --user NAME [--kernel salt_training]``.

``python kaggle/push.py --user NAME --experiments 300 301`` first sends the wheel of tfseis and the
folder training/ as a data set, then the kernel that runs these experiments. The Kaggle client is
called as a program and never imported, because this folder has the name of its package.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parent
KERNELS = ("salt_training", "salt_inference")
EXPERIMENTS = "experiments"
CODE = "tfseis-training"  # the data set in which the code travels
WHEELS = """The kernel runs without internet and expects the data set {user}/tfseis-wheels. Once:
  pip wheel --wheel-dir wheels .     # then remove what Kaggle has: TensorFlow, Keras
  kaggle datasets init -p wheels     # name it {user}/tfseis-wheels in dataset-metadata.json
  kaggle datasets create -p wheels"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Send a kernel; returns the client's exit code, or 1 if something is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", required=True, metavar="NAME", help="Your name on Kaggle.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--kernel",
        choices=KERNELS,
        default=KERNELS[0],
        help=f"Kernel to send. Default: {KERNELS[0]}.",
    )
    which.add_argument(
        "--experiments",
        nargs="+",
        type=int,
        default=[],
        metavar="ID",
        help="Numbers of experiments of training.run, to send their kernel instead.",
    )
    options = parser.parse_args(arguments)
    client = shutil.which("kaggle")
    missing = "" if client else "the Kaggle client: pip install kaggle"
    if client and not _token().is_file() and "KAGGLE_KEY" not in os.environ:
        missing = f"your token: create one in your Kaggle account's settings, as {_token()}"
    unknown = sorted(set(options.experiments) - known()) if options.experiments else []
    if unknown:
        missing = f"experiments that exist; got {unknown}: see training/"
    if missing or client is None:
        print(f"push: expected {missing}. Then repeat the command.", file=sys.stderr)
        return 1
    print(WHEELS.format(user=options.user))
    with tempfile.TemporaryDirectory() as folder:
        if options.experiments:
            filled = prepare(EXPERIMENTS, options.user, Path(folder), options.experiments)
            sent = send_code(client, options.user, code(options.user, Path(folder) / CODE))
            if sent:
                return sent
        else:
            filled = prepare(options.kernel, options.user, Path(folder))
        done = subprocess.run([client, "kernels", "push", "-p", str(filled)], check=False)
    return done.returncode


def known() -> set[int]:
    """Numbers of the experiments that training.run has."""
    words = "from training.experiments import EXPERIMENTS; print(*EXPERIMENTS)"
    found = subprocess.run(
        [sys.executable, "-c", words], cwd=HOME.parent, capture_output=True, text=True, check=True
    )
    return set(map(int, found.stdout.split()))


def code(user: str, folder: Path) -> Path:
    """Fill the folder of a data set: the wheel of tfseis, training/, and the commit of both.

    Returns:
        The folder.
    """
    # The wheel is built from a copy, since files of an earlier build would end up in it.
    unwanted = shutil.ignore_patterns("__pycache__")
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(HOME.parent / "tfseis", Path(scratch, "tfseis"), ignore=unwanted)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(HOME.parent / name, scratch)
        words = ["wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), scratch]
        subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    shutil.copytree(HOME.parent / "training", folder / "training", ignore=unwanted)
    words = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    found = subprocess.run(words, cwd=HOME, capture_output=True, text=True, check=False)
    commit = found.stdout.strip() or "unknown"
    (folder / "training" / "commit.txt").write_text(commit, encoding="utf-8")
    about = {"title": CODE, "id": f"{user}/{CODE}", "licenses": [{"name": "Apache 2.0"}]}
    (folder / "dataset-metadata.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return folder


def send_code(client: str, user: str, folder: Path, *, patience: float = 600.0) -> int:
    """Make the data set, or a new version of it, and wait until kernels can read it.

    Args:
        client: path of the Kaggle client.
        user: name on Kaggle of the owner of the data set.
        folder: folder of the data set, as `code` fills it.
        patience: longest time to wait for Kaggle to unpack the data set, in seconds.

    Returns:
        The client's exit code; 1 if Kaggle was not ready in time.
    """
    ask = [client, "datasets", "status", f"{user}/{CODE}"]
    exists = subprocess.run(ask, capture_output=True, check=False).returncode == 0
    commit = (folder / "training" / "commit.txt").read_text(encoding="utf-8")
    verb = ["version", "-m", commit] if exists else ["create"]
    words = [client, "datasets", *verb, "-p", str(folder), "-r", "zip"]
    sent = subprocess.run(words, check=False).returncode
    if sent:
        return sent
    until = time.monotonic() + patience
    while "ready" not in subprocess.run(ask, capture_output=True, text=True, check=False).stdout:
        if time.monotonic() > until:
            late = (
                f"push: expected {user}/{CODE} ready in {patience:g} s. Repeat the command later."
            )
            print(late, file=sys.stderr)
            return 1
        time.sleep(5)
    return 0


def prepare(kernel: str, user: str, folder: Path, experiments: Sequence[int] = ()) -> Path:
    """Copy a kernel's folder and fill in the user's name and the experiments.

    Returns:
        The copy.
    """
    copy = Path(shutil.copytree(HOME / kernel, folder / kernel))
    metadata = copy / "kernel-metadata.json"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("USER/", f"{user}/"))
    for path in copy.glob("kernel.[pi]*") if experiments else ():
        asked = " ".join(map(str, experiments))
        path.write_text(
            path.read_text(encoding="utf-8").replace("300 301", asked), encoding="utf-8"
        )
    return copy


def _token() -> Path:
    folder = os.environ.get("KAGGLE_CONFIG_DIR") or Path.home() / ".kaggle"
    return Path(folder) / "kaggle.json"


if __name__ == "__main__":
    sys.exit(main())
