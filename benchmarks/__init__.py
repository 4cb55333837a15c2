"""The papers' tables and figures, a folder each, and the speed bench."""
