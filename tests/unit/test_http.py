"""http.py: struct bodies, their errors, and whose pages may change something."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from batiyoun.errors import InvalidInput
from batiyoun.http import OriginPolicy, decode_struct, operation, struct_body, struct_schemas


class Place(msgspec.Struct, frozen=True):
    """Where it is."""

    city: Annotated[str, msgspec.Meta(min_length=1)]


class TestTrip(msgspec.Struct, frozen=True, rename="camel"):
    """A journey that only this test knows."""

    __test__ = False
    start_at: int
    stops: list[Place]
    more: Any = None


def error_of(body: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        decode_struct(msgspec.json.Decoder(TestTrip), body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"stops":[]}', "startAt"),
        (b'{"startAt":"x","stops":[]}', "startAt"),
        (b'{"startAt":1,"stops":[{"city":"a"},{"city":""}]}', "stops[1].city"),
        (b'{"startAt":1,"stops":[{}]}', "stops[0].city"),
        (b"[1]", "body"),
    ],
)
def test_an_invalid_body_names_its_field(body: bytes, field: str) -> None:
    error = error_of(body)
    assert (error.code, list(error.fields)) == ("invalid_input", [field])


@pytest.mark.parametrize("body", [b"", b"{", b"{'a':1}", b'"\\ud800"', b"\xff", b'{"more":' + b"[" * 200_000])
def test_what_is_no_json_is_said_so(body: bytes) -> None:
    error = error_of(body)
    assert not error.fields
    assert "JSON" in error.public


def test_routes_name_their_structs_in_the_document() -> None:
    struct_body(TestTrip)
    arguments = operation(body=TestTrip, answers={201: Place, 200: None})
    assert arguments["openapi_extra"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/TestTrip"
    }
    assert set(arguments["openapi_extra"]["responses"]) == {"200", "201"}
    assert {"TestTrip", "Place"} <= set(struct_schemas())


def test_two_structs_of_one_name_are_a_mistake() -> None:
    struct_body(Place)
    twin = msgspec.defstruct("Place", ["x"])
    with pytest.raises(TypeError, match="Place"):
        struct_body(twin)


PUBLIC = OriginPolicy("https://chat.example.org", frozenset({"https://app.example.org"}))
LOCAL = OriginPolicy(None, loopback_only=True)
OWN_TLS = OriginPolicy(None)


@pytest.mark.parametrize(
    ("policy", "origin", "host", "allowed"),
    [
        (PUBLIC, "https://chat.example.org", "internal:8000", True),
        (PUBLIC, "https://app.example.org", "chat.example.org", True),
        (PUBLIC, "https://CHAT.example.org", "chat.example.org", True),
        (PUBLIC, "http://chat.example.org", "chat.example.org", False),
        (PUBLIC, "https://evil.example", "evil.example", False),
        (PUBLIC, "https://chat.example.org.evil.example", "chat.example.org", False),
        (PUBLIC, "null", "chat.example.org", False),
        (PUBLIC, "", "", False),
        (LOCAL, "http://127.0.0.1:8000", "127.0.0.1:8000", True),
        (LOCAL, "http://localhost:8000", "localhost:8000", True),
        (LOCAL, "http://[::1]:8000", "[::1]:8000", True),
        (LOCAL, "http://localhost:8000", "127.0.0.1:8000", False),
        (LOCAL, "http://localhost:3000", "localhost:8000", False),
        (LOCAL, "http://rebound.example:8000", "rebound.example:8000", False),
        (LOCAL, "file://", "", False),
        (LOCAL, "http://[::1", "[::1", False),
        (LOCAL, "http://localhost:99999", "localhost:99999", False),
        (OWN_TLS, "https://chat.example.org", "chat.example.org", True),
        (OWN_TLS, "https://chat.example.org", "chat.example.org:443", True),
        (OWN_TLS, "https://chat.example.org:8443", "chat.example.org:8443", True),
        (OWN_TLS, "https://evil.example", "chat.example.org", False),
    ],
)
def test_17_only_our_own_pages_may_change_something(
    policy: OriginPolicy, origin: str, host: str, allowed: bool
) -> None:
    assert policy.allows(origin, host) is allowed
