"""Projects: notebooks, and directories or repositories with an `MLproject`, executed as runs.

Nothing heavy is imported here; papermill and nbformat load when a notebook is run or read.
"""

from nbtrail.projects.execution import run_notebook
from nbtrail.projects.inspection import Parameter, parameters
from nbtrail.projects.sweeps import resume, sweep
from nbtrail.projects.targets import run

__all__ = ["Parameter", "parameters", "resume", "run", "run_notebook", "sweep"]
