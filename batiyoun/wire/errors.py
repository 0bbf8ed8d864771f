"""What a codec says to malformed input, and the only thing it ever raises.

ProtocolError
└── MessageTooBig     close code 1009
"""

from __future__ import annotations


class ProtocolError(Exception):
    """The peer broke the protocol; the connection cannot go on.

    `close_code` is the WebSocket close code that tells the peer why (RFC 6455 §7.4.1). The message is for logs of
    one's own side: it never contains what the peer sent.
    """

    def __init__(self, message: str, *, close_code: int = 1002) -> None:
        super().__init__(message)
        self.close_code = close_code


class MessageTooBig(ProtocolError):
    """The peer sent more than it was told it may."""

    def __init__(self, message: str) -> None:
        super().__init__(message, close_code=1009)
