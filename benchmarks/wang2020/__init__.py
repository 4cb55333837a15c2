"""Wang et al. (2020): targeted attacks on classifiers of keywords and music."""
