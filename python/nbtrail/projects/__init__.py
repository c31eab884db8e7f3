"""Notebooks as projects: their parameters, and their execution by papermill as a run.

Nothing heavy is imported here; papermill and nbformat load when a notebook is run or read.
"""

from nbtrail.projects.execution import run_notebook
from nbtrail.projects.inspection import Parameter, parameters

__all__ = ["Parameter", "parameters", "run_notebook"]
