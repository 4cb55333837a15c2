"""Audio files, resampling, batches and windows, spectral features."""
