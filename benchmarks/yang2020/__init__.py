"""Recognisers, the attacks on them, and enhancers in front (paper B)."""
