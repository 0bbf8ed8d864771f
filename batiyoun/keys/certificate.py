"""Certificates of devices, as the client makes them (`core/crypto/mls/identity.ts`): read and verified. Pure.

A certificate is JSON: `{v: 1, user, device, key, suite, expires, signature}`. `signature` is the Ed25519 signature
(RFC 8032) of the identity key `key` over these bytes, in which every part but the last has a fixed form without line
breaks: `batiyoun device certificate 1`, user, device, suite and expiry, each ended by a line feed, then the device's
MLS signature key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from batiyoun.keys.errors import CertificateInvalid, DeviceProofNeeded
from batiyoun.keys.model import KEY_BYTES, MAX_CERTIFICATE, SIGNATURE_BYTES, SUITE

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
#: for msgspec, which searches with `re`: its `$` also stands before a last line feed
_UUID = UUID + r"(?!\n)"
#: milliseconds and other mistakes are beyond it: the year 9999 in seconds
LATEST = 253_402_300_799


class _Certificate(msgspec.Struct):
    v: int
    user: Annotated[str, msgspec.Meta(pattern=_UUID)]
    device: Annotated[str, msgspec.Meta(pattern=_UUID)]
    key: str
    suite: int
    expires: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
    signature: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. Keys are raw Ed25519, `expires` is in seconds since the epoch."""

    user_id: str
    device_id: str
    identity_key: bytes
    suite: int
    expires: int
    signature: bytes

    def signed(self, signature_key: bytes) -> bytes:
        """The bytes under the signature."""
        head = ("batiyoun device certificate 1", self.user_id, self.device_id, str(self.suite), str(self.expires), "")
        return "\n".join(head).encode() + signature_key


_decode = msgspec.json.Decoder(_Certificate).decode


def read_certificate(data: bytes) -> Certificate:
    """What the certificate says, without believing it. Raises `CertificateInvalid`."""
    if len(data) > MAX_CERTIFICATE:
        raise CertificateInvalid
    try:
        found = _decode(data)
        identity_key, signature = _binary(found.key, KEY_BYTES), _binary(found.signature, SIGNATURE_BYTES)
    # msgspec passes on what Python says of bytes that are not UTF-8
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, binascii.Error, ValueError) as error:
        raise CertificateInvalid from error
    if found.v != 1:
        raise CertificateInvalid
    return Certificate(found.user, found.device, identity_key, found.suite, found.expires, signature)


def check_certificate(
    data: bytes, *, user_id: str, device_id: str, identity_key: bytes, signature_key: bytes, now: float
) -> Certificate:
    """The certificate, if the person's identity key says by it that the device with this signature key is theirs.

    `now` in seconds since the epoch. Raises `CertificateInvalid`.
    """
    found = read_certificate(data)
    meant = (found.user_id, found.device_id, found.identity_key, found.suite)
    if meant != (user_id, device_id, identity_key, SUITE) or found.expires <= now:
        raise CertificateInvalid
    try:
        Ed25519PublicKey.from_public_bytes(identity_key).verify(found.signature, found.signed(signature_key))
    except (InvalidSignature, ValueError) as error:
        raise CertificateInvalid from error
    return found


def challenge_of(*, user_id: str, device_id: str, session_id: str, before: str) -> bytes:
    """32 bytes that a device signs to come back under the session `session_id`, in the place of the session `before`.

    Nobody knows them before that sign-in, because the server makes up the ids of sessions: what a device signed for
    one return is good for no other. Nothing has to be kept, so whichever process is asked gives the same ones.
    """
    parts = ("batiyoun device challenge 1", user_id, device_id, session_id, before)
    return hashlib.sha256("\n".join(parts).encode()).digest()


def check_return(proof: bytes | None, challenge: bytes, *, user_id: str, device_id: str, signature_key: bytes) -> None:
    """Whether the device that has this signature key signed the challenge.

    What is signed is `batiyoun device return 1`, the user and the device, each ended by a line feed, and the challenge.
    Raises `DeviceProofNeeded`, which carries the challenge.
    """
    head = "\n".join(("batiyoun device return 1", user_id, device_id, "")).encode()
    try:
        Ed25519PublicKey.from_public_bytes(signature_key).verify(proof or b"", head + challenge)
    except (InvalidSignature, ValueError) as error:
        raise DeviceProofNeeded(fields={"challenge": base64.b64encode(challenge).decode()}) from error


def _binary(text: str, length: int) -> bytes:
    """Base64 of so many bytes, in the one form that it has (RFC 4648 §3.5)."""
    data = base64.b64decode(text, validate=True)
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise ValueError("another length, or another form of the same bytes")
    return data
