"""WebSocket frames (RFC 6455) on the server's side, without a socket.

Out: whole unmasked frames as bytes, built once and shared by every receiver. In: frames already cut and unmasked by
the transport go through `MessageAssembler`, which does what is left: order of fragments, control frames between
them, reserved bits, UTF-8, sizes and close codes.
"""

from __future__ import annotations

import codecs
import struct
from enum import IntEnum
from typing import Final

from batiyoun.wire.errors import MessageTooBig, ProtocolError

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

#: RFC 6455 §5.5: control frames carry at most this many bytes.
MAX_CONTROL: Final = 125

#: Heads of text frames by the size of their payload (RFC 6455 §5.2).
_SHORT_TEXT: Final = tuple(bytes((0x80 | TEXT, size)) for size in range(MAX_CONTROL + 1))

#: Opcode and payload of a whole message or control frame.
Message = tuple[int, bytes]

_new_decoder = codecs.getincrementaldecoder("utf-8")


class CloseCode(IntEnum):
    """Why a WebSocket was closed (RFC 6455 §7.4.1 and the IANA registry)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013


def frame(opcode: int, payload: bytes) -> bytes:
    """One final, unmasked frame (RFC 6455 §5.2; servers never mask)."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def text_frame(payload: bytes, before: bytes = b"") -> bytes:
    """A text frame of UTF-8 bytes: `before` and the payload, which is copied once."""
    size = len(before) + len(payload)
    if size < 126:
        return b"".join((_SHORT_TEXT[size], before, payload))
    if size < 65536:
        return b"".join((b"\x81\x7e", size.to_bytes(2, "big"), before, payload))
    return b"".join((b"\x81\x7f", size.to_bytes(8, "big"), before, payload))


def binary_frame(payload: bytes) -> bytes:
    """A binary frame."""
    return frame(BINARY, payload)


def close_frame(code: int | None = None, reason: str = "") -> bytes:
    """A close frame; without a code it has no payload. The reason is cut to what a control frame holds."""
    if code is None:
        return frame(CLOSE, b"")
    cut = reason.encode()[: MAX_CONTROL - 2].decode(errors="ignore")
    return frame(CLOSE, code.to_bytes(2, "big") + cut.encode())


def parse_close(payload: bytes) -> tuple[int | None, str]:
    """Code and reason of a close frame's payload.

    Raises `ProtocolError` for a lone byte, a code that must not be sent, or a reason that is not UTF-8.
    """
    if not payload:
        return None, ""
    if len(payload) == 1:
        raise ProtocolError("close frame with half a code")
    code = int.from_bytes(payload[:2], "big")
    if not is_sendable(code):
        raise ProtocolError("close code that must not be sent")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("close reason is not UTF-8", close_code=CloseCode.INVALID_TEXT) from error


def is_sendable(code: int) -> bool:
    """Whether a close code may appear on the wire (RFC 6455 §7.4.1–7.4.2; 1012–1014 by the IANA registry)."""
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


class MessageAssembler:
    """Frames of one connection in, messages and control frames out.

    `max_size` bounds a message in bytes, `max_fragments` the frames it may come in: a flood of tiny fragments costs
    the sender its connection, not the server its memory. After a close frame everything is ignored (§5.5.1).
    """

    __slots__ = ("_buffer", "_closed", "_decoder", "_fragments", "_max_fragments", "_max_size", "_opcode")

    def __init__(self, max_size: int, max_fragments: int = 1024) -> None:
        self._max_size = max_size
        self._max_fragments = max_fragments
        self._opcode = CONTINUATION
        self._buffer: bytearray | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._fragments = 0
        self._closed = False

    @property
    def idle(self) -> bool:
        """No message is half received and no close frame was seen."""
        return self._buffer is None and not self._closed

    def receive(self, opcode: int, payload: bytes, fin: bool = True, reserved: bool = False) -> Message | None:
        """Take one unmasked frame; return the `(opcode, payload)` it completes, or None.

        `opcode` of the result is TEXT, BINARY, PING, PONG or CLOSE; the payload of TEXT is valid UTF-8.
        `reserved`: any of RSV1–3 was set. Raises `ProtocolError`, with the close code to answer.
        """
        if self._closed:
            return None
        if reserved:
            raise ProtocolError("reserved bits without an extension")  # §5.2
        if opcode >= CLOSE:
            return self._control(opcode, payload, fin)
        if opcode == CONTINUATION:
            return self._continue(payload, fin)
        if opcode not in (TEXT, BINARY):
            raise ProtocolError("unknown opcode")
        if self._buffer is not None:
            raise ProtocolError("a new message inside a fragmented one")  # §5.4
        if len(payload) > self._max_size:
            raise MessageTooBig("message over the limit")
        if not fin:
            self._start(opcode, payload)
            return None
        if opcode == TEXT and not payload.isascii():
            check_utf8(payload)
        return opcode, payload

    def _control(self, opcode: int, payload: bytes, fin: bool) -> Message:
        if opcode not in (CLOSE, PING, PONG):
            raise ProtocolError("unknown control opcode")
        if not fin:
            raise ProtocolError("fragmented control frame")
        if len(payload) > MAX_CONTROL:
            raise ProtocolError("control frame over 125 bytes")
        if opcode == CLOSE:
            parse_close(payload)
            self._closed = True
            self._reset()
        return opcode, payload

    def _start(self, opcode: int, payload: bytes) -> None:
        self._opcode = opcode
        self._fragments = 1
        self._decoder = _new_decoder() if opcode == TEXT else None
        self._feed(payload, final=False)
        self._buffer = bytearray(payload)

    def _continue(self, payload: bytes, fin: bool) -> Message | None:
        if self._buffer is None:
            raise ProtocolError("continuation of nothing")
        self._fragments += 1
        if self._fragments > self._max_fragments:
            raise ProtocolError("too many fragments", close_code=CloseCode.POLICY_VIOLATION)
        if len(self._buffer) + len(payload) > self._max_size:
            raise MessageTooBig("message over the limit")
        self._feed(payload, final=fin)
        self._buffer += payload
        if not fin:
            return None
        message = self._opcode, bytes(self._buffer)
        self._reset()
        return message

    def _feed(self, payload: bytes, *, final: bool) -> None:
        if self._decoder is None:
            return
        try:
            self._decoder.decode(payload, final)
        except UnicodeDecodeError as error:
            raise ProtocolError("text is not UTF-8", close_code=CloseCode.INVALID_TEXT) from error

    def _reset(self) -> None:
        self._buffer = self._decoder = None


def check_utf8(payload: bytes) -> None:
    """Raise `ProtocolError` (close code 1007) when the bytes are not UTF-8."""
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("text is not UTF-8", close_code=CloseCode.INVALID_TEXT) from error
