# %% [markdown]
# # Experiments
#
# Runs `training.run` on the experiments that were asked for. The internet is off: the wheel of
# tfseis and the folder `training/` come from one attached data set, the packages that Kaggle lacks
# from another, and TensorFlow is the one that Kaggle has. If the session ends early, run the kernel
# again with its own output attached: the results of finished experiments are printed again, and an
# interrupted one is resumed.

# %%
import os
import shutil
import subprocess
import sys
from pathlib import Path

INPUT = Path(os.environ.get("KAGGLE_INPUT", "/kaggle/input"))
WORKING = Path(os.environ.get("KAGGLE_WORKING", "/kaggle/working"))
OPTIONS = os.environ.get("TFSEIS_OPTIONS", "300 301").split()


def attached(pattern: str) -> Path:
    """The first file of a name below the attached data sets."""
    found = sorted(INPUT.rglob(pattern))
    if not found:
        sys.exit(f"Expected {pattern} below {INPUT}; got none. Attach the data set that holds it.")
    return found[0]


# %%
code = attached("training/run.py").parent.parent
wheel = next(iter(sorted(code.rglob("tfseis-*.whl"))), None) or attached("tfseis-*.whl")
links = [f"--find-links={folder}" for folder in {path.parent for path in INPUT.rglob("*.whl")}]
install = [sys.executable, "-m", "pip", "install", "--no-index", *links, str(wheel)]
if "TFSEIS_INSTALLED" not in os.environ:
    subprocess.run(install, check=True)

# %%
earlier = sorted(INPUT.rglob("runs/experiments"))  # of a session that ended early
if earlier and not (WORKING / "runs").exists():
    shutil.copytree(earlier[0].parent, WORKING / "runs")

# %%
paths = filter(None, [str(code), os.environ.get("PYTHONPATH")])
environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
command = [sys.executable, "-m", "training.run", *OPTIONS]
subprocess.run(command, check=True, cwd=WORKING, env=environment)
