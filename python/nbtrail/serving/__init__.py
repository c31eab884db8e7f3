"""Serving: models and functions behind HTTP, each endpoint in processes of its own."""

from nbtrail.serving.declaring import apply
from nbtrail.serving.endpoints import (
    delete,
    deploy,
    deploy_later,
    get_endpoint,
    list_endpoints,
    serve,
    start,
    start_what_died,
    stop,
)
from nbtrail.serving.revisions import (
    add_key,
    keys,
    log_lines,
    revisions,
    rollback,
    stats,
    update,
    workers,
)
from nbtrail.serving.snapshots import collect as collect_snapshots
from nbtrail.serving.supervision.liveness import log_path

__all__ = [
    "add_key",
    "apply",
    "collect_snapshots",
    "delete",
    "deploy",
    "deploy_later",
    "get_endpoint",
    "keys",
    "list_endpoints",
    "log_lines",
    "log_path",
    "revisions",
    "rollback",
    "serve",
    "start",
    "start_what_died",
    "stats",
    "stop",
    "update",
    "workers",
]
