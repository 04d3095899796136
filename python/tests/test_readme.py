"""The examples of the README run."""

import os
import pathlib
import subprocess
import sys

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"


def test_example(tmp_path):
    code = "".join(part.split("```")[0] for part in README.read_text().split("```python\n")[1:])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONSAFEPATH": "1"}
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "VectorXu64(48, 64, 30) slice"
    assert lines[1].startswith("(6, 32) ")
    assert lines[2].startswith("dask.array<")
    assert lines[3] == "[49 50 51]"
