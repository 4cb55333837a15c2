"""What an attack is for and what it may do: objectives, budgets, domains."""
