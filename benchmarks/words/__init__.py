"""Words that nobody should understand: the protection that `protect words` gives, asked of listeners it never met."""
