"""Dong et al. (2022): attacks on speech enhancement."""
