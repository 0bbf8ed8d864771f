"""Logs for people or for machines, without what people wrote and without their addresses.

Messages of exceptions may quote input, so only the kind and the place of an exception are logged; at level `debug` its
message too.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

#: of the HTTP request at hand; empty outside of one
request_id: ContextVar[str] = ContextVar("request_id", default="")


def configure_logging(log_format: Literal["text", "json"], level: str) -> None:
    """Send all logs to standard error in that format. Replaces earlier handlers."""
    debug = level == "debug"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(debug=debug) if log_format == "json" else TextFormatter(debug=debug))
    # At `debug` drivers write down statements and documents with all that is in them: only our own logs go so far.
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(wanted, logging.INFO), handlers=[handler], force=True)
    logging.getLogger("batiyoun").setLevel(wanted)
    # and these would name addresses at any level
    for name in ("uvicorn.access", "sqlalchemy.engine", "aiosqlite", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    def __init__(self, *, debug: bool) -> None:
        super().__init__()
        self._debug = debug

    def _failure(self, record: logging.LogRecord) -> list[str]:
        error = record.exc_info[1] if record.exc_info else None
        return list(describe(error, with_message=self._debug)) if error else []


class TextFormatter(_Formatter):
    """`2026-02-01T10:00:00.000Z INFO batiyoun.access GET /api/users/me 200 1.2 ms [request id]`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and one more for each step of an exception."""
        ident = request_id.get()
        line = f"{_time(record)} {record.levelname} {record.name} {record.getMessage()}" + (
            f" [{ident}]" if ident else ""
        )
        return "\n    ".join([line, *self._failure(record)])


class JsonFormatter(_Formatter):
    """One JSON object a line: time, level, logger, message, requestId, the details given as `extra`, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if ident := request_id.get():
            entry["requestId"] = ident
        if isinstance(details := getattr(record, "details", None), dict):
            entry |= details
        if failure := self._failure(record):
            entry["error"] = failure
        return msgspec.json.encode(entry, enc_hook=str).decode()


def describe(error: BaseException, *, with_message: bool = False) -> Iterator[str]:
    """Kind and place of an exception and of its causes: `ValueError at users/service.py:41 get`."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        message = f": {current}" if with_message else ""
        yield f"{type(current).__module__}.{type(current).__qualname__}{message}"
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  at {frame.filename}:{frame.lineno} {frame.name}"
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}Z"
