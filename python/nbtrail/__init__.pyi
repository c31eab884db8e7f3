from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from nbtrail import artifacts as artifacts
from nbtrail import autolog as autolog
from nbtrail import data as data
from nbtrail import entities as entities
from nbtrail import errors as errors
from nbtrail import models as models
from nbtrail import projects as projects
from nbtrail import registry as registry
from nbtrail import serving as serving
from nbtrail import tracking as tracking
from nbtrail import trail as trail
from nbtrail import version as version
from nbtrail.autolog import keras as keras
from nbtrail.autolog import lightgbm as lightgbm
from nbtrail.autolog import pytorch as pytorch
from nbtrail.autolog import sklearn as sklearn
from nbtrail.autolog import xgboost as xgboost
from nbtrail.display import runs as runs
from nbtrail.display.comparison import compare as compare
from nbtrail.display.diff import diff as diff
from nbtrail.display.diff import why as why
from nbtrail.display.parallel import parallel as parallel
from nbtrail.display.plots import plot as plot
from nbtrail.display.trails import show_trail as show_trail
from nbtrail.errors import MlflowException as MlflowException
from nbtrail.models import catboost as catboost
from nbtrail.models import infer_signature as infer_signature
from nbtrail.models import load_model as load_model
from nbtrail.models import load_native as load_native
from nbtrail.models import log_model as log_model
from nbtrail.models import onnx as onnx
from nbtrail.models import pyfunc as pyfunc
from nbtrail.models import save_model as save_model
from nbtrail.models import statsmodels as statsmodels
from nbtrail.models import transformers as transformers
from nbtrail.projects.mlflows import run as run
from nbtrail.projects.reproduction.reproduce import reproduce as reproduce
from nbtrail.registry import client as client
from nbtrail.registry import register_model as register_model
from nbtrail.registry.client import Client as Client
from nbtrail.registry.client import MlflowClient as MlflowClient
from nbtrail.serving import deploy as deploy
from nbtrail.tracking import ActiveRun as ActiveRun
from nbtrail.tracking import active_run as active_run
from nbtrail.tracking import last_active_run as last_active_run
from nbtrail.tracking import start_run as start_run
from nbtrail.tracking.context.reading import get_run_context as get_run_context
from nbtrail.tracking.fluent.artifacts import get_artifact_uri as get_artifact_uri
from nbtrail.tracking.fluent.artifacts import load_table as load_table
from nbtrail.tracking.fluent.artifacts import log_artifact as log_artifact
from nbtrail.tracking.fluent.artifacts import log_artifacts as log_artifacts
from nbtrail.tracking.fluent.artifacts import log_dict as log_dict
from nbtrail.tracking.fluent.artifacts import log_figure as log_figure
from nbtrail.tracking.fluent.artifacts import log_histogram as log_histogram
from nbtrail.tracking.fluent.artifacts import log_image as log_image
from nbtrail.tracking.fluent.artifacts import log_stream as log_stream
from nbtrail.tracking.fluent.artifacts import log_table as log_table
from nbtrail.tracking.fluent.artifacts import log_text as log_text
from nbtrail.tracking.fluent.experiments import create_experiment as create_experiment
from nbtrail.tracking.fluent.experiments import delete_experiment as delete_experiment
from nbtrail.tracking.fluent.experiments import delete_experiment_tag as delete_experiment_tag
from nbtrail.tracking.fluent.experiments import get_experiment as get_experiment
from nbtrail.tracking.fluent.experiments import get_experiment_by_name as get_experiment_by_name
from nbtrail.tracking.fluent.experiments import rename_experiment as rename_experiment
from nbtrail.tracking.fluent.experiments import restore_experiment as restore_experiment
from nbtrail.tracking.fluent.experiments import search_experiments as search_experiments
from nbtrail.tracking.fluent.experiments import set_experiment as set_experiment
from nbtrail.tracking.fluent.experiments import set_experiment_tag as set_experiment_tag
from nbtrail.tracking.fluent.experiments import set_experiment_tags as set_experiment_tags
from nbtrail.tracking.fluent.history import history as history
from nbtrail.tracking.fluent.logging import delete_tag as delete_tag
from nbtrail.tracking.fluent.logging import flush_async_logging as flush_async_logging
from nbtrail.tracking.fluent.logging import log_batch as log_batch
from nbtrail.tracking.fluent.logging import log_input as log_input
from nbtrail.tracking.fluent.logging import log_inputs as log_inputs
from nbtrail.tracking.fluent.logging import log_metric as log_metric
from nbtrail.tracking.fluent.logging import log_metrics as log_metrics
from nbtrail.tracking.fluent.logging import log_param as log_param
from nbtrail.tracking.fluent.logging import log_params as log_params
from nbtrail.tracking.fluent.logging import set_tag as set_tag
from nbtrail.tracking.fluent.logging import set_tags as set_tags
from nbtrail.tracking.fluent.models import get_logged_model as get_logged_model
from nbtrail.tracking.fluent.models import last_logged_model as last_logged_model
from nbtrail.tracking.fluent.models import search_model_versions as search_model_versions
from nbtrail.tracking.fluent.models import search_registered_models as search_registered_models
from nbtrail.tracking.fluent.models import set_model_version_tag as set_model_version_tag
from nbtrail.tracking.fluent.runs import delete_run as delete_run
from nbtrail.tracking.fluent.runs import end_run as end_run
from nbtrail.tracking.fluent.runs import get_parent_run as get_parent_run
from nbtrail.tracking.fluent.runs import get_run as get_run
from nbtrail.tracking.fluent.runs import register_run as register_run
from nbtrail.tracking.fluent.runs import restore_run as restore_run
from nbtrail.tracking.fluent.runs import search_runs as search_runs
from nbtrail.tracking.fluent.trails import verdict as verdict
from nbtrail.tracking.media import Image as Image
from nbtrail.tracking.system_metrics import (
    disable_system_metrics_logging as disable_system_metrics_logging,
)
from nbtrail.tracking.system_metrics import (
    enable_system_metrics_logging as enable_system_metrics_logging,
)
from nbtrail.tracking.system_metrics import set_system_metrics_node_id as set_system_metrics_node_id
from nbtrail.tracking.system_metrics import (
    set_system_metrics_samples_before_logging as set_system_metrics_samples_before_logging,
)
from nbtrail.tracking.system_metrics import (
    set_system_metrics_sampling_interval as set_system_metrics_sampling_interval,
)
from nbtrail.tracking.where import get_registry_uri as get_registry_uri
from nbtrail.tracking.where import get_tracking_uri as get_tracking_uri
from nbtrail.tracking.where import is_tracking_uri_set as is_tracking_uri_set
from nbtrail.tracking.where import set_registry_uri as set_registry_uri
from nbtrail.tracking.where import set_tracking_uri as set_tracking_uri

__version__: str
exceptions = errors
tensorflow = keras

def load_ipython_extension(shell: InteractiveShell) -> None: ...
def unload_ipython_extension(shell: InteractiveShell) -> None: ...
def _jupyter_server_extension_points() -> list[dict[str, Any]]: ...
def _jupyter_labextension_paths() -> list[dict[str, str]]: ...
