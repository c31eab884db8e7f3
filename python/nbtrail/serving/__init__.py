"""Serving: models behind HTTP, each in a process of its own."""

from nbtrail.serving.endpoints import (
    deploy,
    deploy_later,
    get_endpoint,
    list_endpoints,
    serve,
    stop,
)
from nbtrail.serving.liveness import log_path

__all__ = ["deploy", "deploy_later", "get_endpoint", "list_endpoints", "log_path", "serve", "stop"]
