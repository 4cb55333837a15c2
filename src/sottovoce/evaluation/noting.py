"""Metrics that have no value, told as notes."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from sottovoce.metrics import MetricWarning


@contextmanager
def noting(notes: list[str]) -> Iterator[None]:
    """Turn every `MetricWarning` inside into a note, each reason once; other warnings go their way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MetricWarning)
        yield
    for warning in caught:
        if not isinstance(warning.message, MetricWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif (note := f"no {warning.message.metric}: {warning.message.reason}") not in notes:
            notes.append(note)
