"""What sound files hold besides their samples, by container."""
