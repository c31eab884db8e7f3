"""`Client`: MLflow's methods on experiments, runs and models by their ids; no run is current."""

from nbtrail.tracking.client.artifacts import ArtifactMethods
from nbtrail.tracking.client.experiments import ExperimentMethods
from nbtrail.tracking.client.models import ModelMethods

__all__ = ["Client", "MlflowClient"]


class Client(ExperimentMethods, ArtifactMethods, ModelMethods):
    """Reads and writes one store, by ids.

    Args:
        tracking_uri: the store; by default the one that this process records in.
        registry_uri: accepted for MLflow's sake; models are registered in the same store.
    """


MlflowClient = Client
"""MLflow's name of it, for code that says ``import nbtrail as mlflow``."""
