"""What the routes of keys share: the service, and binary in JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import Field, StringConstraints

from batiyoun.errors import InvalidInput, PayloadTooLarge
from batiyoun.keys.certificate import UUID
from batiyoun.keys.model import KEY_BYTES
from batiyoun.keys.service import KeyService

#: bytes in JSON; how many there may be is said by whoever decodes them
Base64 = Annotated[str, Field(description="padded base64 (RFC 4648 section 4)")]
Id = Annotated[str, StringConstraints(pattern=UUID)]
PathId = Annotated[str, Path(pattern=UUID)]


async def keys_of(request: Request) -> KeyService:
    """The keys of this application."""
    service: KeyService = request.app.state.key_service
    return service


Keys = Annotated[KeyService, Depends(keys_of)]


def binary(text: str, limit: int, field: str) -> bytes:
    """The bytes of a field. Raises `InvalidInput`, `PayloadTooLarge` for more than `limit`."""
    if len(text) > -(-limit // 3) * 4:
        raise PayloadTooLarge(f"This is too large: {field} may have {limit} bytes.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(fields={field: "This is not base64 with padding."}) from error
    if not data:
        raise InvalidInput(fields={field: "This is empty."})
    if len(data) > limit:
        raise PayloadTooLarge(f"This is too large: {field} may have {limit} bytes.")
    return data


def credential_of(text: str) -> bytes:
    """The id of a passkey's credential, as browsers write it (`CredentialId`). Raises `InvalidInput`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(fields={"credentialId": "This is not base64url without padding."}) from error


def id_of_credential(credential_id: bytes) -> str:
    """The same as text."""
    return base64.urlsafe_b64encode(credential_id).decode().rstrip("=")


def public_key(text: str, field: str) -> bytes:
    """The raw Ed25519 key of a field. Raises `InvalidInput`."""
    if len(text) != -(-KEY_BYTES // 3) * 4:
        raise InvalidInput(fields={field: f"A key has {KEY_BYTES} bytes."})
    data = binary(text, KEY_BYTES + 1, field)
    if len(data) != KEY_BYTES:
        raise InvalidInput(fields={field: f"A key has {KEY_BYTES} bytes."})
    return data


def text_of(data: bytes) -> str:
    """Bytes as they stand in JSON."""
    return base64.b64encode(data).decode()


def agent_of(request: Request) -> str:
    """The browser's own description."""
    return request.headers.get("user-agent", "")
