"""Whatever is sent to the REST API: never a server error, always a problem document (security checks 31, 32, 50)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from batiyoun.app import contract
from tests.harness.people import NO_CERTIFICATES, PASSWORD
from tests.harness.server import Server

#: what has broken other servers: NUL, lone surrogates, operators of query languages, prototypes, numbers of no size
NASTY: list[Any] = [
    "", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e\u2066", "\ufeff", "\U000e0001", "e\u0301" * 300,
    "x" * 900_000, "' or 1=1 --", "{{7*7}}", "${jndi:ldap://127.0.0.1}", "<script>alert(1)</script>",
    "../../etc/passwd", "..%2f..%2f", "%00", "%ff%fe", "\r\nSet-Cookie: a=b", "__proto__", "constructor", "$where",
    {"$ne": 1}, {"$gt": ""}, {"a.b": 1}, {"__proto__": {"admin": True}}, [], {}, [[]], None, True, False,
    0, -1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -0.0, 0.1, float("nan"), float("inf"),
]  # fmt: skip
DEEP = "[" * 100_000
#: names and values of a query string
Query = list[tuple[str, str | int | float | bool | None]]
#: for each operation, of each of the two kinds of test
EXAMPLES = 15

schema = schemathesis.openapi.from_dict(contract()["openapi"])
operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
every_operation = pytest.mark.parametrize("operation", operations, ids=[operation.label for operation in operations])
unhurried = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip


class Fuzzer:
    """Somebody signed in who sends anything."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"Origin": url}, timeout=30, trust_env=False, verify=NO_CERTIFICATES
        )
        self.people = 0
        self.begin()

    def begin(self) -> None:
        """Somebody new: whoever sends anything also ends their sessions and changes their name and password."""
        self.people += 1
        name = f"fuzzer{self.people}"
        wish = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
        self.http.cookies.clear()
        assert self.http.post("/api/auth/signup", json=wish).status_code == 201

    def send(self, method: str, path: str, query: Query, body: bytes | None) -> httpx.Response:
        """The request as it is, and what holds of every answer."""
        answer = self.http.request(
            method,
            path,
            params=query,
            content=body,
            headers={"Content-Type": "application/json"} if body is not None else {},
        )
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            problem = answer.json()
            assert problem["code"], problem
            assert problem["detail"].endswith("."), problem
            assert "Traceback" not in answer.text
            assert "sqlalchemy" not in answer.text.lower()
        if "batiyoun" not in self.http.cookies or self.http.get("/api/users/me").status_code == 401:
            self.begin()
        return answer


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzer]:
    with Server(tmp_path_factory.mktemp("fuzz")) as server:
        person = Fuzzer(server.url)
        yield person
        assert person.http.get("/health/ready").status_code == 200
        assert "Traceback" not in server.output
        person.http.close()


def place_of(case: schemathesis.Case[Any]) -> str:
    """The path with its parameters, which may hold anything."""
    path: str = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", quote(text_of(value), safe="", errors="surrogatepass"))
    return path


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def query_of(case: schemathesis.Case[Any]) -> Query:
    pairs = [(name, text_of(value)) for name, value in (case.query or {}).items()]
    return [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]


def body_of(case: schemathesis.Case[Any]) -> bytes | None:
    if isinstance(case.body, NotSet):
        return None
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


@every_operation
def test_31_what_fits_the_document_gets_what_the_document_says(operation: Any, fuzzer: Fuzzer) -> None:
    @unhurried
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case[Any]) -> None:
        answer = fuzzer.send(case.method, place_of(case), query_of(case), body_of(case))
        if answer.status_code < 300:
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    run()


@every_operation
def test_31_32_nasty_values_are_refused_in_good_order(operation: Any, fuzzer: Fuzzer) -> None:
    @unhurried
    @given(case=operation.as_strategy(), nasty=st.sampled_from(NASTY), pick=st.integers(0, 1_000))
    def run(case: schemathesis.Case[Any], nasty: Any, pick: int) -> None:
        spots: list[tuple[Any, str]] = []
        for holder in (case.path_parameters, case.query, case.body):
            if isinstance(holder, dict):
                spots += [(holder, name) for name in holder]
        if spots:
            holder, name = spots[pick % len(spots)]
            holder[name] = nasty if len(str(nasty)) < 10_000 or holder is case.body else str(nasty)[:2_000]
        fuzzer.send(case.method, place_of(case), query_of(case), body_of(case))

    run()


@every_operation
def test_33_bodies_that_are_no_json_or_too_deep_are_refused(operation: Any, fuzzer: Fuzzer) -> None:
    if operation.method.upper() in {"GET", "DELETE"}:
        bodies: list[bytes] = [b"{"]
    else:
        bodies = [b"", b"{", b"\xff\xfe", b"null", b"7", b'"x"', b"[]", b"{}", DEEP.encode(), b'{"a":' * 50_000]
    path = operation.path
    for name in ("chat_id", "user_id", "client_id"):
        path = path.replace("{" + name + "}", "01890000-0000-7000-8000-000000000000")
    for body in bodies:
        fuzzer.send(operation.method.upper(), path, [], body)
