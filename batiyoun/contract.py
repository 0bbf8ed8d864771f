"""The public contract as one JSON document: the browser's types, its validators and the reference come from it."""

from __future__ import annotations

from typing import Any

import msgspec

from batiyoun.auth.connections import SessionRevoked
from batiyoun.blocks.payloads import BlocksChanged
from batiyoun.chats.groups.payloads import MlsWelcome
from batiyoun.chats.model import Envelope
from batiyoun.chats.payloads import (
    ChatRemoved,
    ChatUpdated,
    Done,
    Failed,
    JoinChat,
    Joined,
    MessageRead,
    ReceiptPayload,
    Resync,
    SendMessage,
    Sent,
    Sync,
    Synced,
    Welcome,
)
from batiyoun.chats.preferences.payloads import ChatPreferences
from batiyoun.keys.payloads import DeviceListChanged, IdentityReset, KeyPackagesLow, OwnMarksChanged
from batiyoun.presence.payloads import UserOffline, UserOnline, UserTyping

REF = "#/components/schemas/{name}"

#: client event → (payload, what a good acknowledgement holds; a bad one is `Failed`)
CLIENT_EVENTS: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "join_chat": (JoinChat, Joined),
    "leave_chat": (JoinChat, Done),
    "send_message": (SendMessage, Sent),
    "typing": (JoinChat, Done),
    "read_receipt": (ReceiptPayload, Done),
    "delivery_receipt": (ReceiptPayload, Done),
    "sync": (Sync, Synced),
}

#: server event → its arguments; the first is exactly the seed's
SERVER_EVENTS: dict[str, tuple[Any, ...]] = {
    "new_message": (Envelope,),
    "message_read": (str | None, MessageRead),
    "message_delivered": (str | None, MessageRead),
    "user_typing": (str, UserTyping),
    "user_online": (str, UserOnline),
    "user_offline": (str, UserOffline),
    "chat_updated": (ChatUpdated,),
    "chat_removed": (ChatRemoved,),
    "chat_preferences": (ChatPreferences,),
    "blocks_changed": (BlocksChanged,),
    "mls_welcome": (MlsWelcome,),
    "session_revoked": (SessionRevoked,),
    "device_list_changed": (DeviceListChanged,),
    "key_packages_low": (KeyPackagesLow,),
    "own_marks_changed": (OwnMarksChanged,),
    "identity_reset": (IdentityReset,),
    "resync": (Resync,),
}


def socket_contract() -> dict[str, Any]:
    """Socket.IO events: `{client: {event: {payload, ack}}, server: {event: [args]}, connect, failed, schemas}`.

    Every entry is a JSON Schema (draft 2020-12) that refers to `schemas` as `#/components/schemas/Name`.
    """
    client = [kind for pair in CLIENT_EVENTS.values() for kind in pair]
    server = [kind for args in SERVER_EVENTS.values() for kind in args]
    structs: list[Any] = [*client, *server, Welcome, Failed]
    schemas, components = msgspec.json.schema_components(structs, ref_template=REF)
    of = iter(schemas)
    return {
        "client": {name: {"payload": next(of), "ack": next(of)} for name in CLIENT_EVENTS},
        "server": {name: [next(of) for _ in args] for name, args in SERVER_EVENTS.items()},
        "connect": next(of),
        "failed": next(of),
        "schemas": dict(components),
    }


def full_contract(openapi: dict[str, Any]) -> dict[str, Any]:
    """`{openapi, sockets}`: REST as OpenAPI 3.1 and the socket events beside it."""
    return {"openapi": openapi, "sockets": socket_contract()}
