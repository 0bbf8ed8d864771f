"""An authenticator in software: makes passkeys and answers with them as the browser's JSON would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

#: flags of authenticator data (WebAuthn §6.1): user present, user verified, backup eligible, attested data included
UP, UV, BE, AT = 0x01, 0x04, 0x08, 0x40


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Held:
    """One passkey in the authenticator."""

    rp_id: str
    user_id: bytes
    private: ec.EllipticCurvePrivateKey
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0


@dataclass
class SoftAuthenticator:
    """Keeps passkeys for pages at `origin`. `counts`: whether it counts signatures, as security keys do."""

    origin: str = "http://localhost"
    counts: bool = False
    verifies: bool = True
    held: list[Held] = field(default_factory=list)

    def create(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.create` (attestation `none`). `client_data` overrides what is signed over."""
        private = ec.generate_private_key(ec.SECP256R1())
        held = Held(options["rp"]["id"], decode(options["user"]["id"]), private)
        self.held.append(held)
        numbers = private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        # RFC 9053 §7.1: kty EC2, alg ES256, crv P-256
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(held.id).to_bytes(2) + held.id + key
        data = self._data(held, AT) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        seen = self._client_data("webauthn.create", options, client_data)
        return self._credential(
            held, {"clientDataJSON": seen, "attestationObject": attestation, "transports": ["internal"]}
        )

    def get(self, options: dict[str, Any], which: int = -1, **client_data: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.get` with one of the passkeys."""
        held = self.held[which]
        if self.counts:
            held.count += 1
        data = self._data(held)
        seen = self._client_data("webauthn.get", options, client_data)
        signature = held.private.sign(data + hashlib.sha256(seen).digest(), ec.ECDSA(SHA256()))
        answer = {"clientDataJSON": seen, "authenticatorData": data, "signature": signature, "userHandle": held.user_id}
        return self._credential(held, answer)

    def _data(self, held: Held, flags: int = 0) -> bytes:
        flags |= UP | BE | (UV if self.verifies else 0)
        return hashlib.sha256(held.rp_id.encode()).digest() + bytes([flags]) + held.count.to_bytes(4)

    def _client_data(self, kind: str, options: dict[str, Any], instead: dict[str, Any]) -> bytes:
        seen = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(seen | instead).encode()

    def _credential(self, held: Held, answer: dict[str, Any]) -> dict[str, Any]:
        response = {name: encode(value) if isinstance(value, bytes) else value for name, value in answer.items()}
        return {
            "id": encode(held.id),
            "rawId": encode(held.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


async def options_of(browser: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    """What the server asks the browser for."""
    answer = await browser.post(f"/api/auth/{path}", json=body or None)
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.json()["options"]
    return options


async def add(browser: httpx.AsyncClient, device: SoftAuthenticator, name: str = "Telephone") -> dict[str, Any]:
    """Make a passkey for whoever is signed in in that browser."""
    credential = device.create(await options_of(browser, "passkeys/options"))
    answer = await browser.post("/api/auth/passkeys", json={"credential": credential, "name": name})
    assert answer.status_code == 201, answer.text
    passkey: dict[str, Any] = answer.json()["passkey"]
    return passkey


async def login_with(browser: httpx.AsyncClient, device: SoftAuthenticator, **client_data: Any) -> httpx.Response:
    """Sign in with the device's newest passkey."""
    options = await options_of(browser, "passkeys/login-options")
    credential = device.get(options, **client_data)
    return await browser.post("/api/auth/passkeys/login", json={"credential": credential})
