"""Keep speech private with adversarial perturbations, remove them again, and measure what each protection is worth."""

import importlib
import os
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# Before anything imports onnxruntime, which from 1.29 on tells its maker what networks it loads unless this is set.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from sottovoce import attacks, channels, metrics, threats
    from sottovoce.evaluation.verify import verify
    from sottovoce.loading import load
    from sottovoce.models.adapters import AsEnhancer, AsRecognizer
    from sottovoce.models.chain import Chain
    from sottovoce.protections.base import Protection, protect_file
    from sottovoce.protections.keyword import Keyword
    from sottovoce.protections.voice import Voice
    from sottovoce.protections.words import Words
    from sottovoce.protections.words_and_voice import WordsAndVoice
    from sottovoce.reversible.restore import restore_file

_HOMES = {
    "AsEnhancer": "models.adapters",
    "AsRecognizer": "models.adapters",
    "Chain": "models.chain",
    "Keyword": "protections.keyword",
    "Protection": "protections.base",
    "Voice": "protections.voice",
    "Words": "protections.words",
    "WordsAndVoice": "protections.words_and_voice",
    "load": "loading",
    "protect_file": "protections.base",
    "restore_file": "reversible.restore",
    "verify": "evaluation.verify",
}
_MODULES = ("attacks", "channels", "metrics", "threats")

__all__ = [
    "AsEnhancer",
    "AsRecognizer",
    "Chain",
    "Keyword",
    "Protection",
    "Voice",
    "Words",
    "WordsAndVoice",
    "__version__",
    "attacks",
    "channels",
    "load",
    "metrics",
    "protect_file",
    "restore_file",
    "threats",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import what is asked for, so that `import sottovoce` and the command line's --help are quick."""
    if name in _MODULES:
        return importlib.import_module(f"sottovoce.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"sottovoce.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sottovoce' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
