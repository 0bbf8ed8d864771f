"""auth/tokens.py: five-minute tokens, and everything that is not one (RFC 8725)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from batiyoun.auth.keyring import KeyRing, rotate
from batiyoun.auth.keys import AHEAD, GRACE, load_signing_key, new_signing_key
from batiyoun.auth.model import TOKEN_LIFETIME
from batiyoun.auth.tokens import TokenSigner
from batiyoun.errors import InvalidToken
from tests.harness.accounts import SIGNING_KEY, Clock
from tests.harness.keys import MemoryKeys

USER, SESSION = "u" * 36, "s" * 36
KEY = load_pem_private_key(SIGNING_KEY, None)
KEY_ID = load_signing_key(SIGNING_KEY, Clock().runtime().utcnow()).id


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(clock: Clock) -> TokenSigner:
    return signer_of(MemoryKeys(SIGNING_KEY), clock)[0]


def signer_of(keys: MemoryKeys, clock: Clock) -> tuple[TokenSigner, KeyRing]:
    ring = KeyRing(keys, clock.runtime(), age=None)
    return TokenSigner(ring, issuer="https://chat.example.org", runtime=clock.runtime()), ring


def claims(clock: Clock, **changes: Any) -> dict[str, Any]:
    now = int(clock.now)
    made = {
        "iss": "https://chat.example.org",
        "aud": "batiyoun",
        "sub": USER,
        "sid": SESSION,
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def sign(payload: dict[str, Any], *, key: Any = KEY, algorithm: str = "EdDSA", **header: Any) -> str:
    head = {"typ": "at+jwt", "kid": KEY_ID} | header
    return jwt.encode(payload, key, algorithm, head)


def raw(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_a_token_names_its_session_for_five_minutes(signer: TokenSigner, clock: Clock) -> None:
    access = signer.mint(USER, SESSION)
    assert signer.check(access.token) == (USER, SESSION, clock.now + 300)
    assert access.expires_at.timestamp() == clock.now + 300
    clock.now += 299
    assert signer.check(access.token)
    clock.now += 1
    with pytest.raises(InvalidToken):
        signer.check(access.token)


def test_what_the_forgeries_below_start_from_is_good(signer: TokenSigner, clock: Clock) -> None:
    assert signer.check(sign(claims(clock)))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"sub": None},
        {"sid": None},
        {"sid": 7},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 9_999_999_999.5},
        {"exp": 1},
        {"iat": None},
    ],
)
def test_11_wrong_claims_are_refused(signer: TokenSigner, clock: Clock, changes: dict[str, Any]) -> None:
    token = sign(claims(clock, **changes))
    with pytest.raises(InvalidToken):
        signer.check(token)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "id+jwt"},
        {"kid": "other"},
        {"kid": "../../../../dev/null"},
        {"crit": ["x"], "x": 1},
    ],
)
def test_11_wrong_headers_are_refused(signer: TokenSigner, clock: Clock, header: dict[str, Any]) -> None:
    token = sign(claims(clock), **header)
    with pytest.raises(InvalidToken):
        signer.check(token)


def test_11_other_keys_and_algorithms_are_refused(signer: TokenSigner, clock: Clock) -> None:
    payload = claims(clock)
    public = KEY.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    bare = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    forged = [
        raw({"alg": "none", "typ": "at+jwt", "kid": KEY_ID}, payload),
        raw({"alg": "None", "typ": "at+jwt", "kid": KEY_ID}, payload),
        sign(payload, key=load_pem_private_key(new_signing_key(), None)),
        sign(payload, key=rsa.generate_private_key(65537, 2048), algorithm="RS256"),
        sign(payload, key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    ]
    for secret in (pem, bare):  # the public key taken for the secret of an HMAC
        head = {"alg": "HS256", "typ": "at+jwt", "kid": KEY_ID}
        unsigned = raw(head, payload).rpartition(".")[0]
        tag = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
        forged.append(raw(head, payload, tag))
    for token in forged:
        with pytest.raises(InvalidToken):
            signer.check(token)


def test_11_keys_in_the_header_choose_nothing(signer: TokenSigner, clock: Clock) -> None:
    own = load_pem_private_key(new_signing_key(), None)
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(own.public_key()))  # type: ignore[arg-type]
    for header in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/c"}):
        token = sign(claims(clock), key=own, **header)
        with pytest.raises(InvalidToken):
            signer.check(token)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 3_000, "\ud800.a.b", "é.é.é", "null", "." * 2_000])
def test_11_what_is_no_token_is_refused(signer: TokenSigner, text: str) -> None:
    with pytest.raises(InvalidToken):
        signer.check(text)


def test_every_flipped_bit_is_noticed(signer: TokenSigner) -> None:
    token = signer.mint(USER, SESSION).token
    head, body, signature = token.split(".")
    for index in range(0, len(body), 7):
        other = "A" if body[index] != "A" else "B"
        with pytest.raises(InvalidToken):
            signer.check(f"{head}.{body[:index]}{other}{body[index + 1 :]}.{signature}")


def test_only_ed25519_signs(clock: Clock) -> None:
    other = rsa.generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="Ed25519"):
        load_signing_key(pem, clock.runtime().utcnow())


def test_11_tokens_of_the_key_before_are_good_until_they_are_over(clock: Clock) -> None:
    keys = MemoryKeys(SIGNING_KEY)
    signer, ring = signer_of(keys, clock)
    younger = rotate(keys, clock.runtime(), leaked=False)
    ring.refresh()
    first = signer.mint(USER, SESSION).token
    assert jwt.get_unverified_header(first)["kid"] == KEY_ID, "nobody may know the younger key yet"
    clock.now += AHEAD.total_seconds() - 1
    last = signer.mint(USER, SESSION).token
    clock.now += 1
    ring.refresh()
    new = signer.mint(USER, SESSION).token
    assert jwt.get_unverified_header(new)["kid"] == younger.id
    assert signer.check(last)
    assert signer.check(new)
    clock.now += TOKEN_LIFETIME.total_seconds() - 2
    ring.refresh()
    assert signer.check(last)
    clock.now += GRACE.total_seconds() + 2
    ring.refresh()
    assert [key.id for key in keys.load()] == [younger.id]


def test_11_tokens_of_a_key_that_leaked_are_void_at_once(clock: Clock) -> None:
    keys = MemoryKeys(SIGNING_KEY)
    signer, ring = signer_of(keys, clock)
    token = signer.mint(USER, SESSION).token
    assert signer.check(token)
    rotate(keys, clock.runtime(), leaked=True)
    ring.refresh()
    with pytest.raises(InvalidToken):
        signer.check(token)
    with pytest.raises(InvalidToken):
        signer.check(sign(claims(clock)))
    assert signer.check(signer.mint(USER, SESSION).token)
