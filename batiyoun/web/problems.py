"""Every error becomes a problem details document (RFC 9457) with a stable `code`, and never shows internals."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batiyoun.errors import (
    BatiyounError,
    Busy,
    Forbidden,
    Internal,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    StepUpRequired,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class MethodNotAllowed(BatiyounError):
    """This address does not take that method. See the Allow header."""

    code, status = "method_not_allowed", 405


class UnsupportedMediaType(BatiyounError):
    """The body must be JSON. Send it with `Content-Type: application/json`."""

    code, status = "unsupported_media_type", 415


_BY_STATUS: dict[int, type[BatiyounError]] = {
    kind.status: kind
    for kind in (
        InvalidInput, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, PayloadTooLarge, UnsupportedMediaType,
        RateLimited, Unavailable,
    )
}  # fmt: skip

_TITLES = {
    400: "Invalid request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 415: "Unsupported media type", 429: "Too many requests",
    500: "Server error", 503: "Unavailable",
}  # fmt: skip


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An error of the REST API (RFC 9457). `retryable`: the outcome is unknown, send the same again.

    `methods` comes with `step_up_required`: what the person can show to `auth/step-up`.
    """

    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    type: str = "about:blank"
    retry_after: float | None = None
    fields: dict[str, str] = {}
    methods: list[str] = []


def problem_response(error: BatiyounError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for an error, with `Retry-After` in whole seconds (RFC 9110 §10.2.3) when it is known."""
    problem = Problem(
        type=f"urn:batiyoun:error:{error.code}",
        title=_TITLES.get(error.status, "Error"),
        status=error.status,
        detail=error.public,
        code=error.code,
        retryable=error.retryable,
        retry_after=None if error.retry_after is None else round(error.retry_after, 3),
        fields=error.fields,
        methods=error.methods if isinstance(error, StepUpRequired) else [],
    )
    all_headers = dict(headers or {})
    if error.retry_after is not None:
        all_headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        all_headers["WWW-Authenticate"] = 'Bearer realm="batiyoun"'  # RFC 9110 §15.5.2 asks for one
    return Response(msgspec.json.encode(problem), error.status, all_headers, media_type=MEDIA_TYPE)


def install_handlers(app: FastAPI) -> None:
    """Map what routes raise."""
    app.add_exception_handler(BatiyounError, _batiyoun_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _cut_off)


async def _batiyoun_error(request: Request, exc: Exception) -> Response:
    error = exc if isinstance(exc, BatiyounError) else Internal()
    # a server that is busy says so itself, once; a line for each who is turned away would make it busier
    if error.status >= 500 and not isinstance(error, Busy):
        log.error("%s %s failed: %s", request.method, _route(request.scope), error.code, exc_info=exc)
    return problem_response(error)


async def _validation_error(_: Request, exc: Exception) -> Response:
    errors = exc.errors() if isinstance(exc, RequestValidationError) else ()
    return problem_response(InvalidInput(fields=invalid_fields(errors)))


async def _http_error(_: Request, exc: Exception) -> Response:
    """Errors of the framework: no such route, wrong method, a body that cannot be parsed."""
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    headers = exc.headers if isinstance(exc, HTTPException) else None
    kind = _BY_STATUS.get(status, Internal if status >= 500 else InvalidInput)
    return problem_response(kind(), headers)


async def _cut_off(_: Request, __: Exception) -> Response:
    """The client went away in the middle of its body: nobody reads this, and nothing failed here."""
    return problem_response(InvalidInput("The request ended before its body did. Send it again."))


def invalid_fields(errors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Field → sentence, from pydantic's errors. What was sent is not repeated."""
    fields: dict[str, str] = {}
    for error in errors:
        # ("body", "email") → email; ("query", "limit") → limit; a malformed document has only its place
        place = [str(part) for part in error["loc"][1:]] if error["type"] != "json_invalid" else []
        reason = str(error["msg"]).removeprefix("Value error, ")
        fields.setdefault(".".join(place) or "body", reason)
    return fields


class Failures:
    """Middleware: an error that nobody mapped still becomes a problem, and only its kind and place are logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as exc:
            error = exc if isinstance(exc, BatiyounError) else Internal()
            if error.status >= 500:
                log.exception("%s %s failed", scope["method"], _route(scope))
            if started:  # half an answer is out: only cutting the connection tells the client so
                raise
            await problem_response(error)(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's pattern, not the path: ids and queries stay out of the log."""
    return getattr(scope.get("route"), "path", "(no route)")
