"""Paper D's tables, and what attackers of its removal reach."""
