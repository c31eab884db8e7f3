"""The version, where MLflow has its own: ``nbtrail.version.VERSION``."""

from importlib.metadata import version

VERSION = version("nbtrail")
