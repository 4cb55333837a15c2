"""A recipe per trainable network, and the one loop that runs them."""
