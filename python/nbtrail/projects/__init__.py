"""Projects: notebooks, and directories or repositories with an `MLproject`, executed as runs.

Nothing heavy is imported here; papermill and nbformat load when a notebook is run or read.
"""

from nbtrail.projects.background.handle import Handle, Progress
from nbtrail.projects.bundles.packing import export_run
from nbtrail.projects.notebooks.execution import run_notebook
from nbtrail.projects.notebooks.inspection import Parameter, parameters
from nbtrail.projects.sweeps import resume, sweep
from nbtrail.projects.targets import prepare, run

__all__ = [
    "Handle",
    "Parameter",
    "Progress",
    "export_run",
    "parameters",
    "prepare",
    "resume",
    "run",
    "run_notebook",
    "sweep",
]
