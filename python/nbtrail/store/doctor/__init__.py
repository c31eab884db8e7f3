"""Is the store sound? Each check yields what is wrong, and how it can be put right if it can."""

from nbtrail.store.doctor.examination import Doctor
from nbtrail.store.doctor.problem import Finding

__all__ = ["Doctor", "Finding"]
