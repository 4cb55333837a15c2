"""Paper A's tables and figures."""
