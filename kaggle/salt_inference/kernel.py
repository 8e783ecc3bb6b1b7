# %% [markdown]
# # Salt on images: inference
#
# Predicts the challenge's test images with the model of the training kernel, whose output is
# attached, and writes `submission.csv`, which is checked against the sample. The internet is off.

# %%
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

INPUT = Path(os.environ.get("KAGGLE_INPUT", "/kaggle/input"))
WORKING = Path(os.environ.get("KAGGLE_WORKING", "/kaggle/working"))


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
from tfseis.io import check_submission, read_image
from tfseis.jobs.salt import apply_salt

challenge = attached("sample_submission.csv")
apply_salt(attached("model.keras"), challenge.parent, WORKING / "submission.csv")

# %%
first = next(iter(sorted(challenge.parent.rglob("test/images/*.png"))), None)
shape = (101, 101) if first is None else read_image(first).shape
table = check_submission(WORKING / "submission.csv", challenge, shape)
print(len(table), "images,", int((table["pixels"] > 0).sum()), "with salt")
