"""The public contract as one JSON document: the browser's types, its validators and the reference come from it."""

from __future__ import annotations

from typing import Any

import msgspec

from batiyoun.chats import payloads
from batiyoun.chats.model import Envelope

REF = "#/components/schemas/{name}"


def _struct_schemas(structs: list[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    schemas, components = msgspec.json.schema_components(structs, ref_template=REF)
    return list(schemas), dict(components)


def socket_contract() -> dict[str, Any]:
    """Socket.IO events: `{client: {event: {payload, ack}}, server: {event: [args]}, connect, failed, schemas}`.

    Every entry is a JSON Schema (draft 2020-12) that refers to `schemas` as `#/components/schemas/Name`.
    """
    client = [kind for pair in payloads.CLIENT_EVENTS.values() for kind in pair]
    server = [kind for args in payloads.SERVER_EVENTS.values() for kind in args]
    schemas, components = _struct_schemas([*client, *server, payloads.Welcome, payloads.Failed, Envelope])
    of = iter(schemas)
    return {
        "client": {name: {"payload": next(of), "ack": next(of)} for name in payloads.CLIENT_EVENTS},
        "server": {name: [next(of) for _ in args] for name, args in payloads.SERVER_EVENTS.items()},
        "connect": next(of),
        "failed": next(of),
        "schemas": components,
    }


def contract(openapi: dict[str, Any]) -> dict[str, Any]:
    """`{openapi, sockets}`: REST as OpenAPI 3.1 and the socket events beside it."""
    return {"openapi": openapi, "sockets": socket_contract()}
