"""What a person asks for: words, a voice or a keyword protected in a sound file."""
