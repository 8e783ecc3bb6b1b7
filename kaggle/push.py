"""Send a kernel to Kaggle: ``python kaggle/push.py --user NAME [--kernel salt_training]``.

The Kaggle client is found as an executable and never imported: this folder has its name.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parent
KERNELS = ("salt_training", "salt_inference")
WHEELS = """The kernel runs without internet and expects the data set {user}/tfseis-wheels. Once:
  pip wheel --wheel-dir wheels .     # then remove what Kaggle has: TensorFlow, Keras
  kaggle datasets init -p wheels     # name it {user}/tfseis-wheels in dataset-metadata.json
  kaggle datasets create -p wheels"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Send it; returns the client's exit code, or 1 where something is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", required=True, metavar="NAME", help="your name on Kaggle")
    parser.add_argument("--kernel", choices=KERNELS, default=KERNELS[0])
    options = parser.parse_args(arguments)
    client = shutil.which("kaggle")
    missing = "" if client else "the Kaggle client: pip install kaggle"
    if client and not _token().is_file() and "KAGGLE_KEY" not in os.environ:
        missing = f"your token: create one in your Kaggle account's settings, as {_token()}"
    if missing or client is None:
        print(f"push: expected {missing}. Then repeat the command.", file=sys.stderr)
        return 1
    print(WHEELS.format(user=options.user))
    with tempfile.TemporaryDirectory() as folder:
        filled = prepare(options.kernel, options.user, Path(folder))
        done = subprocess.run([client, "kernels", "push", "-p", str(filled)], check=False)
    return done.returncode


def prepare(kernel: str, user: str, folder: Path) -> Path:
    """A copy of a kernel's folder with the user's name in its metadata."""
    copy = Path(shutil.copytree(HOME / kernel, folder / kernel))
    metadata = copy / "kernel-metadata.json"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("USER/", f"{user}/"))
    return copy


def _token() -> Path:
    folder = os.environ.get("KAGGLE_CONFIG_DIR") or Path.home() / ".kaggle"
    return Path(folder) / "kaggle.json"


if __name__ == "__main__":
    sys.exit(main())
