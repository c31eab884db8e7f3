"""What `nbtrail.Client` (registry/client.py) does without knowing model directories."""

from nbtrail.tracking.client.artifacts import ArtifactMethods
from nbtrail.tracking.client.experiments import ExperimentMethods
from nbtrail.tracking.client.models import ModelMethods

__all__ = ["Client"]


class Client(ExperimentMethods, ArtifactMethods, ModelMethods):
    """Reads and writes one store, by ids; `nbtrail.Client` registers models, too."""
