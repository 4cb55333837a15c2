"""The example scripts run offline and show what they promise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SHOWN = {
    "batch_attack": "OPT, shaped",
    "own_denoiser": "word error rate behind my denoiser",
    "own_objective": "energy below 500 Hz",
    "own_recognizer": "my recogniser writes",
    "restore": "restored to the byte: True",
}


def test_every_example_is_tested() -> None:
    assert sorted(SHOWN) == sorted(path.stem for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", SHOWN)
def test_it_runs(name: str) -> None:
    alone = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, EXAMPLES / f"{name}.py"], capture_output=True, text=True, env=alone)
    assert done.returncode == 0, done.stderr
    assert SHOWN[name] in done.stdout
