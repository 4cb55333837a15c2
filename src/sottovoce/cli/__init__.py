"""What a person types."""

from sottovoce.cli.app import app, main

__all__ = ["app", "main"]
