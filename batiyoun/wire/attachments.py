"""Binary data inside JSON packets: taken out into attachments on the way out, put back on the way in.

In the JSON stands `{"_placeholder": true, "num": n}` where the n-th attachment belongs. Source: the Socket.IO
protocol, revision 5.
"""

from __future__ import annotations

from typing import Any

from batiyoun.wire.errors import ProtocolError

_BINARY = bytes | bytearray | memoryview


def has_binary(value: Any) -> bool:
    """Whether bytes hide in plain containers. Structs are not looked into: their bytes fields are base64 in JSON."""
    if isinstance(value, _BINARY):
        return True
    if isinstance(value, dict):
        return any(map(has_binary, value.values()))
    return isinstance(value, list | tuple) and any(map(has_binary, value))


def take_apart(value: Any, attachments: list[bytes]) -> Any:
    """The value with placeholders instead of bytes, which are appended to `attachments`."""
    if isinstance(value, _BINARY):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, dict):
        return {key: take_apart(item, attachments) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [take_apart(item, attachments) for item in value]
    return value


def put_together(value: Any, attachments: list[bytes]) -> Any:
    """The value with attachments instead of placeholders; raises `ProtocolError` for one that points nowhere."""
    if isinstance(value, list):
        return [put_together(item, attachments) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_placeholder") is not True:
        return {key: put_together(item, attachments) for key, item in value.items()}
    number = value.get("num")
    # type() and not isinstance(): True is an int, and would pick the second attachment (CVE-2022-2421)
    if type(number) is not int or not 0 <= number < len(attachments):
        raise ProtocolError("illegal attachments")
    return attachments[number]
