# %% [markdown]
# # Salt on images: training
#
# Runs `tfseis salt train` on the challenge's folder, which writes `result/submission.csv`. The
# internet is off: tfseis and the packages that Kaggle lacks come as wheels from an attached data
# set, and TensorFlow is the one that Kaggle has. If the session ends early, run the kernel again
# with its own output attached, and the training is resumed.

# %%
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

INPUT = Path(os.environ.get("KAGGLE_INPUT", "/kaggle/input"))
WORKING = Path(os.environ.get("KAGGLE_WORKING", "/kaggle/working"))
OPTIONS = os.environ.get("TFSEIS_OPTIONS", "--folds 5 --epochs 120 --minutes 480").split()


def attached(pattern: str) -> Path:
    """The first file of a name below the attached data sets."""
    found = sorted(INPUT.rglob(pattern))
    if not found:
        sys.exit(f"Expected {pattern} below {INPUT}; got none. Attach the data set that holds it.")
    return found[0]


# %%
if find_spec("tfseis") is None:
    wheels = attached("tfseis-*.whl").parent
    install = [sys.executable, "-m", "pip", "install", "--no-index", f"--find-links={wheels}"]
    subprocess.run([*install, "tfseis"], check=True)

# %%
earlier = sorted(INPUT.rglob("result/training"))  # of a session that ended early
if earlier and not (WORKING / "result").exists():
    shutil.copytree(earlier[0].parent, WORKING / "result")

# %%
challenge = attached("train.csv").parent
command = [sys.executable, "-m", "tfseis", "salt", "train", str(challenge), *OPTIONS]
subprocess.run([*command, "--out", str(WORKING / "result")], check=True)
