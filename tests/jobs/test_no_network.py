"""Every job trains and is applied in a process in which no connection can be opened."""

import subprocess
import sys

SCRIPT = """
import sys
from pathlib import Path

OPENS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
         "socket.sendmsg", "urllib.Request", "http.client.connect"}

def forbidden(event, values):
    if event in OPENS:
        tried.append((event, values[1:]))
        raise RuntimeError(f"a connection: {event} {values[1:]}")

tried = []
sys.addaudithook(forbidden)
import tests.jobs.test_conformance as conformance
import tfseis
for job, make in conformance.CASES.items():
    folder = Path(sys.argv[1]) / job
    folder.mkdir()
    case = make(folder)
    model = case.train(folder / "out").folder / "model.keras"
    tfseis.apply(model, case.data, folder / f"result{case.ending}", progress=False)
assert not tried, tried
print("no connection")
"""


def test_no_job_opens_a_connection(tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "no connection"
