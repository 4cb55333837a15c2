"""The networks that somebody may want to fool or to keep from being fooled: waveform in."""
