"""Write the notebook beside each kernel's script: ``python kaggle/notebooks.py``.

The script, in the percent format, is the source, and the notebook is made from it; a test compares
the two.
"""

import json
import re
from pathlib import Path

HOME = Path(__file__).resolve().parent
KERNELS = ("salt_training", "salt_inference", "experiments")


def notebook(script: str) -> str:
    """Turn a script in the percent format into a notebook, as JSON text."""
    cells = []
    for number, part in enumerate(re.split(r"^# %%", script, flags=re.MULTILINE)[1:]):
        kind, _, body = part.partition("\n")
        text = body.strip("\n")
        markdown = kind.strip() == "[markdown]"
        if markdown:
            text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.split("\n"))
        cell = {
            "cell_type": "markdown" if markdown else "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": text.splitlines(keepends=True),
        }
        cells.append(cell if markdown else cell | {"execution_count": None, "outputs": []})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the notebooks of all kernels."""
    for kernel in KERNELS:
        script = (HOME / kernel / "kernel.py").read_text(encoding="utf-8")
        (HOME / kernel / "kernel.ipynb").write_text(notebook(script), encoding="utf-8")


if __name__ == "__main__":
    main()
