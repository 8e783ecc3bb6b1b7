"""Commands that look at files or compare them load neither Keras nor TensorFlow."""

import ast
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import sys
from tfseis.cli import main

code = main(sys.argv[1:])
print(code, sorted({"keras", "tensorflow", "pandas", "scipy", "matplotlib"} & set(sys.modules)))
"""
FRAMEWORKS = {"keras", "tensorflow"}
ALL = FRAMEWORKS | {"pandas", "scipy", "matplotlib"}


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (["doctor", "CUBE"], ALL),
        (["view", "CUBE", "--png", "FILE.png"], FRAMEWORKS),
        (["score", "FILE.npy", "FILE.npy", "--json", "FILE.json"], FRAMEWORKS),
    ],
    ids=["doctor", "view", "score"],
)
def test_a_light_command_loads_only_what_it_needs(words, unneeded, survey, tmp_path):
    np.save(tmp_path / "f.npy", np.arange(60).reshape(3, 4, 5) % 2)
    given = [
        word.replace("CUBE", str(survey)).replace("FILE", str(tmp_path / "f")) for word in words
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *given], capture_output=True, text=True, check=False
    )
    code, loaded = done.stdout.splitlines()[-1].split(maxsplit=1)
    assert code == "0", done.stderr
    assert not unneeded & {*ast.literal_eval(loaded)}
