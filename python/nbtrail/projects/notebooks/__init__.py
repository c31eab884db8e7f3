"""Notebooks: read, checked, given parameters, and executed by papermill."""
