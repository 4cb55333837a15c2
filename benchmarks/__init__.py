"""Benchmarks: the tables and figures of four papers, measured with this project's models and attacks."""
