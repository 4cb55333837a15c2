"""Finding, checking and loading weights; every model has a card."""

from sottovoce.weights.card import Card
from sottovoce.weights.hub import fetch
from sottovoce.weights.store import available, cache_folder, load, save

__all__ = ["Card", "available", "cache_folder", "fetch", "load", "save"]
