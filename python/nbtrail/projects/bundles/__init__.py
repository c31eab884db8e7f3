"""Bundles: a run as a project of its own, in one file, that is executed and compared elsewhere."""
