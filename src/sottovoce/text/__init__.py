"""Text: spelling, CTC alphabets and alignment."""
