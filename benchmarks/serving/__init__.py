"""Serving, side by side with a hand-written app: `python -m benchmarks.serving`."""
