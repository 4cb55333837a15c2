"""What attacks and perturbers cost in time and memory: `sottovoce bench speed`."""
