"""Speech to train on."""

import csv

import pytest


@pytest.fixture
def manifest(humming):
    with (humming / "manifests" / "librispeech-test-clean.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["split"] = "train" if row["speaker"] in "01" else "valid"
    with (humming / "manifests" / "train.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return humming / "manifests" / "train.csv"
