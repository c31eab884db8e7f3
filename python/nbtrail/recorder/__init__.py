"""The recorder: what cells did, captured through IPython's hooks."""

from nbtrail.recorder.recorder import Recorder

__all__ = ["Recorder"]
