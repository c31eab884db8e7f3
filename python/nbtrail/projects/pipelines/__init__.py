"""Pipelines: entry points that are steps, each of them a run of its own below one run."""
