"""Measures the look-up beside peers, in one run: `python -m bench` (docs/reference/performance.md)."""
