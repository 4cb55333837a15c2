"""The papers' tables and figures, and the speed bench: a module each."""
