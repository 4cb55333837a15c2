"""The speed bench."""
