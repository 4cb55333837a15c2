"""Importing the metrics loads none of the libraries that compute them."""

import subprocess
import sys

LIBRARIES = [
    "jiwer",
    "librosa",
    "pandas",
    "parselmouth",
    "pesq",
    "pystoi",
    "rapidfuzz",
    "scipy",
    "speechmos",
    "torchmetrics",
]


def loaded_after(code: str) -> str:
    script = f"import sys\n{code}\nprint(*(name for name in {LIBRARIES} if name in sys.modules))"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_libraries_load_only_with_the_metric_that_needs_them() -> None:
    assert loaded_after("import sottovoce.metrics") == ""
    assert loaded_after("from sottovoce.metrics import wer\nwer(['go'], ['stop'])") == "jiwer rapidfuzz"
