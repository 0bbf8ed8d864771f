"""Secrets that the server hands out and recognises: session cookies, tickets, links."""

from __future__ import annotations

import base64
import hashlib

from batiyoun.runtime import Runtime

#: 256 bits in base64url
SECRET_BYTES = 32
SECRET_LENGTH = 43


def new_secret(runtime: Runtime) -> str:
    """43 characters of base64url that nobody can guess."""
    return base64.urlsafe_b64encode(runtime.random_bytes(SECRET_BYTES)).decode().rstrip("=")


def hash_token(token: str) -> bytes:
    """How such a secret is kept and looked up. It has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
