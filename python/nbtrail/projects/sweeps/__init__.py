"""Sweeps: a search over the parameters of a notebook or project, on Optuna.

A sweep is a run, and each of its trials is a child of it, executed in a process of its own.
Optuna is loaded when a sweep begins.
"""

from nbtrail.projects.sweeps.sweep import resume, sweep
from nbtrail.projects.sweeps.trials import SweepResult, Trial, show

__all__ = ["SweepResult", "Trial", "resume", "show", "sweep"]
