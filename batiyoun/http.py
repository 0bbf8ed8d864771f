"""What every `routes` module needs of HTTP: bodies, answers, and who may call.

Features import this instead of `web`. Pydantic bodies derive from `Body`; msgspec structs of the socket contract are
read with `struct_body` and answered with `struct_response`, and appear in the OpenAPI document through `operation`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from batiyoun.errors import InvalidInput

S = TypeVar("S", bound=msgspec.Struct)

SCHEMA_REF = "#/components/schemas/{name}"
#: the structs that routes read and answer, by schema name
_structs: dict[str, type[msgspec.Struct]] = {}

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Body(BaseModel):
    """Base of REST bodies: camelCase on the wire, unknown fields ignored, no silent conversion of types."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", strict=True)


# ── msgspec bodies ────────────────────────────────────────────────────────────────────────────────────────────────────


def decode_struct(decoder: msgspec.json.Decoder[S], raw: bytes) -> S:
    """The struct in a JSON text. Raises `InvalidInput`."""
    try:
        return decoder.decode(raw)
    # msgspec passes on what Python says of bytes that are not UTF-8, and of a thousand brackets in each other
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _invalid(exc) from exc


def _invalid(error: Exception) -> InvalidInput:
    """What is wrong with a text that is not JSON, or not of the struct's form: then it names the field."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return InvalidInput("The body is not valid JSON. Correct it and send it again.")
    # msgspec appends the place as "… - at `$.participants[0]`"
    reason, _, place = text.partition(" - at `$")
    path = place.rstrip("`").lstrip(".")
    missing = re.search(r"missing required field `([^`]+)`", reason)
    if missing:
        path = f"{path}.{missing[1]}" if path else missing[1]
        reason = "This field is required."
    return InvalidInput(fields={path or "body": reason})


def struct_body(kind: type[S]) -> Callable[[Request], Awaitable[S]]:
    """A dependency that reads the JSON body straight into `kind`: `Annotated[CreateChat, Depends(struct_body(…))]`.

    Raises `InvalidInput` naming the field.
    """
    decoder = msgspec.json.Decoder(kind)
    _register(kind)

    async def read(request: Request) -> S:
        return decode_struct(decoder, await request.body())

    return read


def struct_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer of a struct, or of anything msgspec encodes."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def operation(
    *, body: type[msgspec.Struct] | None = None, answers: Mapping[int, type[msgspec.Struct] | None] | None = None
) -> dict[str, Any]:
    """Keyword arguments for a route decorator that put the structs into the OpenAPI document.

    `@router.post("", **operation(body=CreateChat, answers={201: ChatView, 200: ChatView}))`
    """
    extra: dict[str, Any] = {}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": _content(body)}
    if answers:
        extra["responses"] = {
            str(status): {"description": (kind.__doc__ or "").partition("\n")[0] if kind else "Done."}
            | ({"content": _content(kind)} if kind else {})
            for status, kind in answers.items()
        }
    arguments: dict[str, Any] = {"openapi_extra": extra, "response_model": None}
    if answers:
        arguments["status_code"] = min(answers)
    return arguments


def struct_schemas() -> dict[str, Any]:
    """`components/schemas` of every struct that a route named, for the OpenAPI document."""
    _, components = msgspec.json.schema_components(_structs.values(), ref_template=SCHEMA_REF)
    return dict(components)


def _register(kind: type[msgspec.Struct]) -> None:
    if _structs.setdefault(kind.__name__, kind) is not kind:
        msg = f"two structs of the public contract are called {kind.__name__}"
        raise TypeError(msg)


def _content(kind: type[msgspec.Struct]) -> dict[str, Any]:
    _register(kind)
    return {"application/json": {"schema": {"$ref": SCHEMA_REF.format(name=kind.__name__)}}}


# ── callers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def client_address(request: Request) -> str:
    """The caller's address; behind a trusted proxy the one it forwards. Empty over a Unix socket."""
    return request.client.host if request.client else ""


#: bytes; what people fill in, and the answer of a passkey, are a fraction of it. Bodies become objects before anybody
#: asks who sends them, and a megabyte of `[[],[],…` costs half a second of everybody's time.
FORM_LIMIT = 32_768
#: where such bodies go; structs are decoded in one pass that makes no object of what they do not name
FORMS = (
    "/api/auth/", "/api/users", "/api/invites",
    "/api/keys/identity", "/api/keys/devices", "/api/keys/packages/claim", "/api/keys/recovery", "/api/keys/links",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """What a path takes instead of JSON: media types that no HTML form can send, and at most so many bytes."""

    media_types: frozenset[str]
    limit: int


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """Which pages may change something here.

    `own` and `allowed` are origins (`https://chat.example.org`). Without `own` a page is ours when its Origin names the
    host it calls; on loopback that host must be a loopback name, or a foreign name that resolves here (DNS rebinding)
    would pass.
    """

    own: str | None
    allowed: frozenset[str] = frozenset()
    loopback_only: bool = False

    def allows(self, origin: str, host: str) -> bool:
        """Whether a request with this Origin header, sent to this Host header, comes from one of our pages."""
        origin = origin.lower()
        if origin in self.allowed or origin == self.own:
            return True
        if self.own is not None and not self.loopback_only:
            return False
        try:
            page, here = urlsplit(origin), urlsplit(f"//{host.lower()}")
            default = {"http": 80, "https": 443}.get(page.scheme)
            if default is None or page.hostname is None or page.hostname != here.hostname:
                return False
            same_port = (page.port or default) == (here.port or default)
        except ValueError:
            return False
        return same_port and (not self.loopback_only or page.hostname in _LOOPBACK_HOSTS)
