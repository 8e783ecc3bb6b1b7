"""Commands that look at files or compare them load neither Keras nor TensorFlow."""

import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import sys
from tfseis.cli import main

code = main(sys.argv[1:])
print(code, sorted({"keras", "tensorflow"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "words",
    [
        ["doctor", "CUBE"],
        ["view", "CUBE", "--png", "FILE.png"],
        ["score", "FILE.npy", "FILE.npy", "--json", "FILE.json"],
    ],
    ids=lambda words: words[0],
)
def test_a_light_command_loads_no_framework(words, survey, tmp_path):
    np.save(tmp_path / "f.npy", np.arange(60).reshape(3, 4, 5) % 2)
    given = [
        word.replace("CUBE", str(survey)).replace("FILE", str(tmp_path / "f")) for word in words
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *given], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr
