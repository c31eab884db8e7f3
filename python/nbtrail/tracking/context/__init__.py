"""The context of a run, found without asking: who, where, with what, from which commit."""

from nbtrail.tracking.context.program import notebook_name, notebook_path, source_tags, user
from nbtrail.tracking.context.recording import record, settle

__all__ = [
    "notebook_name",
    "notebook_path",
    "record",
    "settle",
    "source_tags",
    "user",
]
