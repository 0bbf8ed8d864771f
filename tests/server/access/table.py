"""Who may call what: every route and every event of the contract, classified. A new one fails until it is here.

Security check 24 asks for this table; `test_matrix.py` tries every row with every kind of caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.server.access.scene import Scene

#: `public`: anybody. `person`: whoever is signed in, about themselves or about what everybody may see.
#: `chat`: members of the chat. `own`: the one whose thing it is.
Gate = Literal["public", "person", "chat", "own"]
Standing = Literal["member", "admin", "owner"]


@dataclass(frozen=True)
class Row:
    """One route or event.

    `places` fill the path or payload for a thing that exists; `nowhere` for one that does not. `needs` is the least
    standing in a chat. `fresh`: asks for a recent proof of who one is.
    """

    gate: Gate
    places: Callable[[Scene], Mapping[str, str]] = lambda _: {}
    nowhere: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[Scene], Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    needs: Standing = "member"
    fresh: bool = False


#: well-formed, and nobody's
NOBODY = "01890000-0000-7000-8000-000000000000"
#: 32 bytes
KEY = "A" * 43 + "="


def _chat(scene: Scene) -> dict[str, str]:
    return {"chat_id": scene.group}


def _of(**more: Callable[[Scene], str]) -> Callable[[Scene], Mapping[str, str]]:
    return lambda scene: _chat(scene) | {name: value(scene) for name, value in more.items()}


def _chat_row(
    needs: Standing = "member",
    body: Callable[[Scene], Any] | None = None,
    **more: Any,
) -> Row:
    values = {name: value if callable(value) else (lambda _, value=value: value) for name, value in more.items()}
    return Row("chat", _of(**values), {"chat_id": NOBODY}, body, needs=needs)


MESSAGE = {"content": "not yours", "encrypted": False, "type": "text"}

ROUTES: dict[tuple[str, str], Row] = {
    # ── for those who run the server ──
    ("GET", "/health/live"): Row("public"),
    ("GET", "/health/ready"): Row("public"),
    # ── for those who check our tokens ──
    ("GET", "/.well-known/jwks.json"): Row("public"),
    # ── ways in and out ──
    ("POST", "/api/auth/signup"): Row("public"),
    ("POST", "/api/auth/login"): Row("public"),
    ("POST", "/api/auth/logout"): Row("public"),
    ("GET", "/api/auth/check-username"): Row("public"),
    ("GET", "/api/auth/options"): Row("public"),
    ("POST", "/api/auth/request-otp"): Row("public"),
    ("POST", "/api/auth/verify-otp"): Row("public"),
    ("GET", "/api/auth/verify-me"): Row("person"),
    ("POST", "/api/auth/step-up"): Row("person", body=lambda _: {"password": "a guess of mine"}),
    ("POST", "/api/auth/step-up/passkey-options"): Row("person"),
    ("POST", "/api/auth/step-up/request-code"): Row("person"),
    ("POST", "/api/auth/passkeys/login-options"): Row("public"),
    ("POST", "/api/auth/passkeys/login"): Row("public"),
    ("POST", "/api/auth/passkeys/signup-options"): Row("public"),
    ("GET", "/api/auth/passkeys"): Row("person"),
    ("POST", "/api/auth/passkeys/options"): Row("person", fresh=True),
    ("POST", "/api/auth/passkeys"): Row("person", body=lambda _: {"credential": {}, "name": "mine"}),
    ("PATCH", "/api/auth/passkeys/{passkey_id}"): Row(
        "own", lambda _: {"passkey_id": NOBODY}, {"passkey_id": NOBODY}, lambda _: {"name": "mine"}
    ),
    ("DELETE", "/api/auth/passkeys/{passkey_id}"): Row(
        "own", lambda _: {"passkey_id": NOBODY}, {"passkey_id": NOBODY}, fresh=True
    ),
    ("GET", "/api/auth/google"): Row("public"),
    ("GET", "/api/auth/google/callback"): Row("public"),
    ("GET", "/api/auth/oidc/pending"): Row("public"),
    ("POST", "/api/auth/oidc/signup"): Row("public"),
    ("POST", "/api/auth/oidc/link"): Row("person", fresh=True),
    ("GET", "/api/auth/identities"): Row("person"),
    ("DELETE", "/api/auth/identities/{identity_id}"): Row(
        "own", lambda _: {"identity_id": NOBODY}, {"identity_id": NOBODY}, fresh=True
    ),
    ("POST", "/api/auth/second-factor"): Row("public"),
    ("GET", "/api/auth/second-factor"): Row("person"),
    ("POST", "/api/auth/totp/setup"): Row("person", fresh=True),
    ("POST", "/api/auth/totp/confirm"): Row("person", body=lambda _: {"code": "123456"}),
    ("DELETE", "/api/auth/totp"): Row("person", fresh=True),
    ("POST", "/api/auth/recovery-codes"): Row("person", fresh=True),
    ("PUT", "/api/auth/password"): Row("person", body=lambda _: {"newPassword": "a boat on the river"}, fresh=True),
    ("POST", "/api/auth/password/request-reset"): Row("public"),
    ("POST", "/api/auth/password/reset"): Row("public"),
    ("POST", "/api/auth/password/check"): Row("public"),
    ("GET", "/api/auth/tokens"): Row("person"),
    ("POST", "/api/auth/tokens"): Row("person", body=lambda _: {"name": "mine", "scopes": ["chats:read"]}, fresh=True),
    ("DELETE", "/api/auth/tokens/{token_id}"): Row(
        "own", lambda scene: {"token_id": scene.token_id}, {"token_id": NOBODY}
    ),
    ("GET", "/api/auth/sessions"): Row("person"),
    ("POST", "/api/auth/sessions/revoke-others"): Row("person"),
    ("DELETE", "/api/auth/sessions/{session_id}"): Row(
        "own", lambda scene: {"session_id": scene.session_id}, {"session_id": NOBODY}
    ),
    # ── people ──
    ("GET", "/api/users/me"): Row("person"),
    ("PATCH", "/api/users/me"): Row("person", body=lambda _: {"bio": "changed"}),
    ("GET", "/api/users"): Row("person", query={"ids": NOBODY}),
    ("DELETE", "/api/users/me"): Row("person", body=lambda _: {"username": "the_member"}, fresh=True),
    ("GET", "/api/users/me/deletion"): Row("person"),
    ("GET", "/api/users/me/export"): Row("person", fresh=True),
    ("PUT", "/api/users/me/avatar"): Row("person"),
    ("DELETE", "/api/users/me/avatar"): Row("person"),
    ("GET", "/api/avatars/{file}"): Row("person", lambda _: {"file": f"{'x' * 43}.webp"}),
    ("PUT", "/api/users/me/username"): Row("person", body=lambda _: {"username": "taken_over"}),
    ("GET", "/api/users/me/audit"): Row("person"),
    ("POST", "/api/users/me/email"): Row("person", body=lambda _: {"email": "new@example.org"}, fresh=True),
    ("POST", "/api/users/me/email/confirm"): Row("person", body=lambda _: {"email": "a@example.org", "code": "123456"}),
    ("GET", "/api/users/search"): Row("person", query={"q": "the_"}),
    ("GET", "/api/users/{user_id}"): Row("person", lambda scene: {"user_id": scene.member.id}),
    ("POST", "/api/reports"): Row("person"),
    ("GET", "/api/blocks"): Row("person"),
    ("PUT", "/api/blocks/{user_id}"): Row("person", lambda scene: {"user_id": scene.member.id}),
    ("DELETE", "/api/blocks/{user_id}"): Row("person", lambda scene: {"user_id": scene.member.id}),
    # ── keys ──
    ("PUT", "/api/keys/identity"): Row("person", body=lambda _: {"key": KEY}),
    ("GET", "/api/keys/identity"): Row("person"),
    ("POST", "/api/keys/identity/reset"): Row("person", body=lambda _: {"key": KEY}, fresh=True),
    ("DELETE", "/api/keys/identity/reset"): Row("person"),
    ("GET", "/api/keys/devices"): Row("person"),
    ("PUT", "/api/keys/devices/{device_id}"): Row(
        "person",
        lambda _: {"device_id": NOBODY},
        body=lambda _: {"certificate": KEY, "signatureKey": KEY, "name": "mine"},
    ),
    ("DELETE", "/api/keys/devices/{device_id}"): Row(
        "own", lambda _: {"device_id": NOBODY}, {"device_id": NOBODY}, fresh=True
    ),
    ("GET", "/api/users/{user_id}/devices"): Row("person", lambda scene: {"user_id": scene.member.id}),
    ("PUT", "/api/keys/packages"): Row("person", body=lambda _: {"packages": []}),
    ("GET", "/api/keys/packages"): Row("person"),
    ("POST", "/api/keys/packages/claim"): Row(
        "person", body=lambda scene: {"devices": [{"userId": scene.member.id, "deviceId": NOBODY}]}
    ),
    ("PUT", "/api/keys/recovery"): Row("person", body=lambda _: {"wrapped": KEY}),
    ("GET", "/api/keys/recovery"): Row("person"),
    ("GET", "/api/keys/recovery/passkeys"): Row("person"),
    ("PUT", "/api/keys/recovery/passkeys/{credential_id}"): Row(
        "person", lambda _: {"credential_id": "QUJD"}, body=lambda _: {"wrapped": KEY}
    ),
    ("GET", "/api/keys/recovery/passkeys/{credential_id}"): Row("person", lambda _: {"credential_id": "QUJD"}),
    ("PUT", "/api/keys/archive/{chat_id}/{batch}"): Row(
        "person", lambda scene: _chat(scene) | {"batch": "0"}, body=lambda _: {"data": KEY}
    ),
    ("GET", "/api/keys/archive/{chat_id}/{batch}"): Row(
        "own", lambda scene: _chat(scene) | {"batch": "0"}, {"chat_id": NOBODY, "batch": "0"}
    ),
    ("GET", "/api/keys/archive/{chat_id}"): Row("person", _chat),
    ("DELETE", "/api/keys/archive/{chat_id}"): Row("person", _chat),
    ("POST", "/api/keys/links"): Row("person", body=lambda _: {"nonce": "n" * 22, "data": KEY}),
    ("GET", "/api/keys/links/{nonce}"): Row("own", lambda _: {"nonce": "n" * 22}, {"nonce": "m" * 22}),
    # ── invitations ──
    ("POST", "/api/invites"): Row("person", body=lambda _: {"note": "not yours"}),
    ("GET", "/api/invites"): Row("person"),
    ("GET", "/api/invites/{invite}"): Row("public", lambda _: {"invite": "x" * 43}),
    ("DELETE", "/api/invites/{invite}"): Row("own", lambda scene: {"invite": scene.invite_id}, {"invite": NOBODY}),
    ("POST", "/api/invites/{invite}/accept"): Row("person", lambda _: {"invite": "x" * 43}),
    # ── chats ──
    ("GET", "/api/chats"): Row("person"),
    ("POST", "/api/chats"): Row("person", body=lambda scene: {"type": "direct", "participants": [scene.member.id]}),
    ("POST", "/api/sync"): Row("person", body=lambda scene: {"cursors": {scene.group: 0}}),
    ("GET", "/api/chats/{chat_id}"): _chat_row(),
    ("PATCH", "/api/chats/{chat_id}"): _chat_row("admin", lambda _: {"name": "taken over"}),
    ("PATCH", "/api/chats/{chat_id}/preferences"): _chat_row(body=lambda _: {"pinned": 1}),
    ("POST", "/api/chats/{chat_id}/members"): _chat_row("admin", lambda scene: {"userIds": [scene.stranger.id]}),
    ("DELETE", "/api/chats/{chat_id}/members/{user_id}"): _chat_row("admin", user_id=lambda scene: scene.admin.id),
    ("PUT", "/api/chats/{chat_id}/members/{user_id}/role"): _chat_row(
        "owner", lambda _: {"role": "owner"}, user_id=lambda scene: scene.member.id
    ),
    ("POST", "/api/chats/{chat_id}/leave"): _chat_row(),
    ("POST", "/api/chats/{chat_id}/successor"): _chat_row("admin"),
    ("GET", "/api/chats/{chat_id}/messages"): _chat_row(),
    ("PUT", "/api/chats/{chat_id}/messages/{client_id}"): _chat_row(body=lambda _: MESSAGE, client_id="matrix-1"),
    ("POST", "/api/chats/{chat_id}/redactions"): _chat_row(body=lambda _: {"seq": 1}),
    ("GET", "/api/chats/{chat_id}/receipts"): _chat_row(),
    ("POST", "/api/chats/{chat_id}/receipts"): _chat_row(body=lambda _: {"seq": 1, "kind": "read"}),
    # ── encrypted chats ──
    ("GET", "/api/chats/{chat_id}/group"): _chat_row(),
    ("GET", "/api/chats/{chat_id}/group-info"): _chat_row(),
    ("POST", "/api/chats/{chat_id}/commits"): _chat_row(
        body=lambda _: {"commitId": "matrix-1", "commit": None, "groupInfo": "AAEABA=="}
    ),
    ("GET", "/api/keys/welcomes"): Row("person"),
    ("DELETE", "/api/keys/welcomes/{welcome_id}"): Row("person", lambda _: {"welcome_id": NOBODY}),
}

#: event → the payload about a chat (its id), or None for an event that is about the caller alone
EVENTS: dict[str, Callable[[str, Scene], Any] | None] = {
    "join_chat": lambda chat_id, _: {"chatId": chat_id},
    "leave_chat": None,  # takes the chat off the caller's own screen; says nothing about it
    "send_message": lambda chat_id, _: MESSAGE | {"chatId": chat_id, "clientId": "matrix-2"},
    "typing": lambda chat_id, _: {"chatId": chat_id},
    "read_receipt": lambda chat_id, _: {"chatId": chat_id, "seq": 1},
    "delivery_receipt": lambda chat_id, _: {"chatId": chat_id, "seq": 1},
    "sync": None,  # answers about the caller's own chats; `test_sync_tells_nothing_of_other_chats`
}
