"""Why a request is not served, in the words and numbers of the reference implementation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer with the JSON `{code, message}`. `retry_after` in seconds."""

    status: HTTPStatus
    code: int
    message: str
    retry_after: float | None = None

    def body(self) -> bytes:
        """The JSON."""
        return msgspec.json.encode({"code": self.code, "message": self.message})

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Further headers of the answer."""
        if self.retry_after is None:
            return ()
        return ((b"retry-after", b"%d" % math.ceil(self.retry_after)),)


UNKNOWN_TRANSPORT: Final = Refusal(HTTPStatus.BAD_REQUEST, 0, "Transport unknown")
UNKNOWN_SID: Final = Refusal(HTTPStatus.BAD_REQUEST, 1, "Session ID unknown")
BAD_METHOD: Final = Refusal(HTTPStatus.BAD_REQUEST, 2, "Bad handshake method")
BAD_REQUEST: Final = Refusal(HTTPStatus.BAD_REQUEST, 3, "Bad request")
FORBIDDEN: Final = Refusal(HTTPStatus.FORBIDDEN, 4, "Forbidden")
UNSUPPORTED_VERSION: Final = Refusal(HTTPStatus.BAD_REQUEST, 5, "Unsupported protocol version")


def too_many(retry_after: float) -> Refusal:
    """The address has too many connections, or opens them too fast."""
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, 4, "Too many connections", retry_after)


def going_away(retry_after: float) -> Refusal:
    """The server is about to stop."""
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, 4, "Server is restarting", retry_after)
