"""Finding, checking and loading weights; a card per model."""

from sottovoce.models.card import Card
from sottovoce.models.hub import fetch
from sottovoce.models.store import available, cache_folder, load, save

__all__ = ["Card", "available", "cache_folder", "fetch", "load", "save"]
