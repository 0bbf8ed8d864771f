"""auth/oidc/provider.py: what it believes of a provider that may lie, fail or hang."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from batiyoun.auth.oidc.provider import KEYS_INTERVAL, METADATA_LIFETIME, OidcProvider
from batiyoun.auth.oidc.store import InvalidAnswer
from batiyoun.errors import ProviderUnavailable
from tests.harness.accounts import Clock

SECRET = "a secret that both sides know, long enough"
GOOD = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
#: whatever the library can sign with, for tokens that must be refused
ANY = JWSRegistry(algorithms=["RS256", "ES256", "HS256"])


@dataclass
class Impostor:
    """Answers every path with what the test says; `asked` remembers the requests."""

    issuer: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=lambda: [GOOD])
    asked: list[str] = field(default_factory=list)
    hangs: bool = False

    def metadata(self, **instead: Any) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        } | instead

    def token(self, key: Key = GOOD, alg: str = "RS256", *, kid: str | None = "1", **claims: Any) -> str:
        """An ID token."""
        now = int(time.time())
        told = {
            "iss": self.issuer, "sub": "1098", "aud": "batiyoun", "iat": now, "exp": now + 60, "nonce": "n",
            "email": "asha@example.org", "email_verified": True,
        }  # fmt: skip
        kept = {name: value for name, value in (told | claims).items() if value is not None}
        header = {"alg": alg} | ({"kid": kid} if kid is not None else {})
        return jwt.encode(header, kept, key, registry=ANY)

    def gives(self, token: Any, **more: Any) -> None:
        """The token endpoint answers with that ID token."""
        self.answers["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": token} | more

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        self.asked.append(path)
        if self.hangs:
            await reader.read()
        defaults = {
            "/.well-known/openid-configuration": self.metadata(),
            "/keys": {"keys": [key.as_dict(private=False) for key in self.keys]},
        }
        answer = {**defaults, **self.answers}.get(path, 404)
        status, body = (answer, b"x") if isinstance(answer, int) else (200, answer)
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        location = f"Location: {self.issuer}/elsewhere\r\n" if status == 302 else ""
        writer.write(
            f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{location}"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def impostor() -> AsyncIterator[Impostor]:
    made = Impostor()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


@pytest.fixture
async def there() -> AsyncIterator[Impostor]:
    async with impostor() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(now=time.time())


def asking(there: Impostor, clock: Clock, **more: Any) -> OidcProvider:
    settings: dict[str, Any] = {"client_id": "batiyoun", "client_secret": SECRET, "ca": None, "patience": 5.0}
    return OidcProvider(there.issuer, redirect_uri="http://here/cb", runtime=clock.runtime(), **settings | more)


@pytest.fixture
async def provider(there: Impostor, clock: Clock) -> AsyncIterator[OidcProvider]:
    made = asking(there, clock)
    yield made
    await made.close()


def signed_with_the_public_key(token: str) -> str:
    """The token with an HMAC under the public key (RS/HS confusion), which no library would make."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"1"}').decode().rstrip("=")
    signed = f"{header}.{token.split('.')[1]}"
    mac = hmac.new(GOOD.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def unsigned(token: str) -> str:
    """The token with the algorithm `none`."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


# ── what it believes ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_good_token_says_who_it_is(there: Impostor, provider: OidcProvider) -> None:
    there.gives(there.token(name="Asha", preferred_username="asha"))
    claims = await provider.redeem("code", nonce="n", verifier="v" * 43)
    assert (claims.issuer, claims.subject, claims.email, claims.email_verified) == (
        there.issuer, "1098", "asha@example.org", True,
    )  # fmt: skip
    assert (claims.name, claims.nickname) == ("Asha", "asha")


async def test_the_audience_may_be_a_list_and_the_key_on_a_curve(there: Impostor, provider: OidcProvider) -> None:
    key = ECKey.generate_key("P-256", {"kid": "2"})
    there.keys = [GOOD, key]
    there.gives(there.token(key, "ES256", kid="2", aud=["batiyoun"]))
    assert (await provider.redeem("code", nonce="n", verifier="v")).subject == "1098"


def _without_the_time(claims: dict[str, Any]) -> str:
    """The same name in every process that runs a part of the tests."""
    return str(
        {name: "a moment" if isinstance(value, int) and value > 1e9 else value for name, value in claims.items()}
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": ["another"]}, {"aud": None},
        {"aud": ["batiyoun", "another"], "azp": "another"}, {"aud": "another", "azp": "batiyoun"},
        {"exp": int(time.time()) - 600}, {"exp": None}, {"exp": "soon"}, {"iat": int(time.time()) + 6000},
        {"nonce": "another"}, {"nonce": None}, {"nonce": ["n"]}, {"sub": None}, {"sub": ""}, {"sub": 7},
        {"sub": "é"}, {"sub": "1" * 256}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=_without_the_time,
)  # fmt: skip
async def test_12_a_token_for_somebody_or_something_else_is_refused(
    there: Impostor, provider: OidcProvider, claims: dict[str, Any]
) -> None:
    there.gives(there.token(**claims))
    with pytest.raises(InvalidAnswer):
        await provider.redeem("code", nonce="n", verifier="v")


async def test_11_only_the_provider_can_sign(there: Impostor, provider: OidcProvider) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "1"})
    known = OctKey.import_key(SECRET)
    forged = [
        there.token(stranger),
        there.token(known, "HS256"),
        there.token(known, "HS256", kid=None),
        signed_with_the_public_key(there.token()),
        unsigned(there.token()),
        there.token()[:-4] + "AAAA",
        "a.b.c",
        "",
        "é",
        7,
        None,
        {"sub": "1098"},
    ]
    for token in forged:
        there.gives(token)
        with pytest.raises(InvalidAnswer):
            await provider.redeem("code", nonce="n", verifier="v")


async def test_11_a_provider_that_signs_with_what_we_know_is_not_believed(
    there: Impostor, provider: OidcProvider
) -> None:
    there.answers["/.well-known/openid-configuration"] = there.metadata(
        id_token_signing_alg_values_supported=["HS256", "none"]
    )
    there.gives(there.token(OctKey.import_key(SECRET), "HS256"))
    with pytest.raises(ProviderUnavailable):
        await provider.redeem("code", nonce="n", verifier="v")


async def test_a_claim_that_is_not_quite_true_is_not_true(there: Impostor, provider: OidcProvider) -> None:
    for said in ("true", 1, None, False):
        there.gives(there.token(email_verified=said))
        assert (await provider.redeem("code", nonce="n", verifier="v")).email_verified is False


async def test_the_userinfo_endpoint_speaks_of_the_same_person(there: Impostor, provider: OidcProvider) -> None:
    there.gives(there.token(email=None, email_verified=None))
    there.answers["/me"] = {"sub": "1098", "email": "a@example.org", "email_verified": True, "iss": "ignored"}
    claims = await provider.redeem("code", nonce="n", verifier="v")
    assert (claims.email, claims.email_verified, claims.issuer) == ("a@example.org", True, there.issuer)
    there.answers["/me"]["sub"] = "2"
    with pytest.raises(InvalidAnswer):
        await provider.redeem("code", nonce="n", verifier="v")


# ── keys that change ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_new_key_is_looked_for_but_not_by_whoever_asks_often(
    there: Impostor, provider: OidcProvider, clock: Clock
) -> None:
    there.gives(there.token())
    await provider.redeem("code", nonce="n", verifier="v")
    fresh = RSAKey.generate_key(2048, {"kid": "9"})
    there.keys = [fresh]
    there.gives(there.token(fresh, kid="9"))
    for _ in range(5):
        with pytest.raises(InvalidAnswer):
            await provider.redeem("code", nonce="n", verifier="v")
    assert there.asked.count("/keys") == 1
    clock.now += KEYS_INTERVAL + 1
    assert (await provider.redeem("code", nonce="n", verifier="v")).subject == "1098"
    assert there.asked.count("/keys") == 2


# ── providers that do not work ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "instead",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"issuer": ["x"]}, {"token_endpoint": None},
        {"token_endpoint": "ftp://x"}, {"jwks_uri": 7}, {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_document_of_another_provider_is_not_believed(
    there: Impostor, provider: OidcProvider, instead: dict[str, Any]
) -> None:
    there.answers["/.well-known/openid-configuration"] = there.metadata(**instead)
    with pytest.raises(ProviderUnavailable):
        await provider.address(state="s", nonce="n", verifier="v")


@pytest.mark.parametrize("answer", [500, 404, 302, 403, b"<html>", b"", [], b"\xff", 7], ids=str)
async def test_50_what_is_no_answer_is_said_to_be_none(there: Impostor, provider: OidcProvider, answer: Any) -> None:
    body = answer if not isinstance(answer, int) or answer > 200 else b"7"
    there.answers["/.well-known/openid-configuration"] = body
    with pytest.raises(ProviderUnavailable):
        await provider.address(state="s", nonce="n", verifier="v")
    del there.answers["/.well-known/openid-configuration"]
    there.answers["/token"] = body
    with pytest.raises((ProviderUnavailable, InvalidAnswer)):
        await provider.redeem("code", nonce="n", verifier="v")
    there.gives(there.token())
    there.answers["/keys"] = body
    with pytest.raises(ProviderUnavailable):
        await provider.redeem("code", nonce="n", verifier="v")
    assert "/elsewhere" not in there.asked, "redirects are not followed"


async def test_50_a_provider_that_hangs_is_given_up(there: Impostor, clock: Clock) -> None:
    there.hangs = True
    provider = asking(there, clock, patience=0.2)
    started = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        await provider.address(state="s", nonce="n", verifier="v")
    assert time.monotonic() - started < 5
    await provider.close()


async def test_50_nobody_listens(there: Impostor, clock: Clock) -> None:
    there.issuer = "http://127.0.0.1:9"
    provider = asking(there, clock)
    with pytest.raises(ProviderUnavailable):
        await provider.address(state="s", nonce="n", verifier="v")
    await provider.close()


async def test_what_was_said_is_believed_for_an_hour_and_on_when_it_is_away(
    there: Impostor, provider: OidcProvider, clock: Clock
) -> None:
    for _ in range(3):
        await provider.address(state="s", nonce="n", verifier="v")
    assert len(there.asked) == 1
    clock.now += METADATA_LIFETIME + 1
    there.answers["/.well-known/openid-configuration"] = 500
    assert (await provider.address(state="s", nonce="n", verifier="v")).startswith(there.issuer)
    assert len(there.asked) == 2


async def test_a_public_client_has_no_secret(there: Impostor, clock: Clock) -> None:
    provider = asking(there, clock, client_secret=None)
    there.gives(there.token())
    assert (await provider.redeem("code", nonce="n", verifier="v")).subject == "1098"
    await provider.close()


@pytest.mark.parametrize(
    ("says", "named", "accepted"),
    [(None, None, True), (True, None, False), (True, "it", True), (None, "https://evil.example", False)],
)
async def test_12_answers_name_their_issuer(
    there: Impostor, provider: OidcProvider, says: bool | None, named: str | None, accepted: bool
) -> None:
    there.answers["/.well-known/openid-configuration"] = there.metadata(
        authorization_response_iss_parameter_supported=says
    )
    assert await provider.accepts_issuer(there.issuer if named == "it" else named) is accepted
