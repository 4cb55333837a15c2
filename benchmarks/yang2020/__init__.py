"""Yang et al. (2020): attacks on speech recognition, with enhancers in front of the recogniser."""
