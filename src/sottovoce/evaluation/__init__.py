"""What a protection is worth: two files, a folder, pictures, and what it costs."""
