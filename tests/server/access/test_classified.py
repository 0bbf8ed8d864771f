"""Security check 24: nothing can be called that nobody has classified."""

from __future__ import annotations

from batiyoun.app import contract
from tests.server.access.table import EVENTS, ROUTES

METHODS = {"get", "put", "post", "patch", "delete"}


def test_24_every_route_is_classified() -> None:
    document = contract()["openapi"]["paths"]
    routes = {(method.upper(), path) for path, item in document.items() for method in item if method in METHODS}
    assert routes - ROUTES.keys() == set(), "say in tests/server/access/table.py who may call these"
    assert ROUTES.keys() - routes == set(), "these do not exist any more"


def test_24_every_event_is_classified() -> None:
    assert contract()["sockets"]["client"].keys() == EVENTS.keys()
