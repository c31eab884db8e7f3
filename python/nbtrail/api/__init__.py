"""The REST API as functions request -> response, free of any web framework.

A binding (Tornado in Jupyter, Starlette in the team server) asks a `RouteTable` which route a
raw path means, authorises the route's action, and lets `answer` call the handler.
"""

from nbtrail.api.answer import answer, error_response
from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.routes import Match, Route, RouteTable

__all__ = [
    "Context",
    "Match",
    "Request",
    "Response",
    "Route",
    "RouteTable",
    "answer",
    "error_response",
]
