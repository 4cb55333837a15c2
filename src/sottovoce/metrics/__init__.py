"""Metrics of signals, transcripts and speaker verification.

Metrics of a batch return one value per example: NaN, with a `MetricWarning`, where the metric is undefined.
"""

from sottovoce.metrics.attacks import rosa, tasr
from sottovoce.metrics.base import MetricWarning
from sottovoce.metrics.dnsmos import DNSMOS, dnsmos
from sottovoce.metrics.pesq import pesq
from sottovoce.metrics.pitch import pitch_correlation, voiced_share
from sottovoce.metrics.residual import energy_drop, perturbation_gain, rpr, rpr_ill_posed
from sottovoce.metrics.si_sdr import si_sdr
from sottovoce.metrics.snr import snr
from sottovoce.metrics.statistics import CountedMean, Interval, bootstrap_interval, mean_of_counted, wilcoxon
from sottovoce.metrics.sti import sti
from sottovoce.metrics.stoi import stoi
from sottovoce.metrics.text import cer, corpus_error_rate, de_characters, de_words, normalize, wer
from sottovoce.metrics.verification import eer, eer_interval, eer_threshold, error_rates, min_dcf

__all__ = [
    "DNSMOS",
    "CountedMean",
    "Interval",
    "MetricWarning",
    "bootstrap_interval",
    "cer",
    "corpus_error_rate",
    "de_characters",
    "de_words",
    "dnsmos",
    "eer",
    "eer_interval",
    "eer_threshold",
    "energy_drop",
    "error_rates",
    "mean_of_counted",
    "min_dcf",
    "normalize",
    "perturbation_gain",
    "pesq",
    "pitch_correlation",
    "rosa",
    "rpr",
    "rpr_ill_posed",
    "si_sdr",
    "snr",
    "sti",
    "stoi",
    "tasr",
    "voiced_share",
    "wer",
    "wilcoxon",
]
