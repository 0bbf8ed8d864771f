"""The cipher suite of encrypted chats by another library: X-Wing, AES-256-GCM, SHA-512, Ed25519 of `cryptography`."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tests.interop.mls.codec import vector

HASH, KEY, NONCE = 64, 32, 12

_HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA512, hpke.AEAD.AES_256_GCM)


def extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract (RFC 5869)."""
    return hmac.digest(salt, secret, "sha512")


def expand(secret: bytes, label: str, context: bytes, length: int) -> bytes:
    """ExpandWithLabel (RFC 9420 section 8)."""
    info = length.to_bytes(2) + vector(b"MLS 1.0 " + label.encode()) + vector(context)
    return HKDFExpand(SHA512(), length, info).derive(secret)


def derive(secret: bytes, label: str) -> bytes:
    """DeriveSecret (RFC 9420 section 8)."""
    return expand(secret, label, b"", HASH)


def digest(data: bytes) -> bytes:
    """The hash of the suite."""
    return hashlib.sha512(data).digest()


def mac(key: bytes, data: bytes) -> bytes:
    """The MAC of the suite."""
    return hmac.digest(key, data, "sha512")


def open_sealed(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    """The AEAD of the suite. Raises `InvalidTag`."""
    return AESGCM(key).decrypt(nonce, sealed, aad)


def seal(key: bytes, nonce: bytes, aad: bytes, data: bytes) -> bytes:
    """See `open_sealed`."""
    return AESGCM(key).encrypt(nonce, data, aad)


def open_letter(seed: bytes, label: str, context: bytes, encapsulated: bytes, sealed: bytes) -> bytes:
    """DecryptWithLabel (RFC 9420 section 5.1.3). A private key of X-Wing is a seed (draft-connolly-cfrg-xwing-kem)."""
    keys = hashlib.shake_256(seed).digest(96)
    private = hpke.MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.from_seed_bytes(keys[:64]), x25519.X25519PrivateKey.from_private_bytes(keys[64:])
    )
    info = vector(b"MLS 1.0 " + label.encode()) + vector(context)
    return _HPKE.decrypt(encapsulated + sealed, private, info)


def _signed(label: str, content: bytes) -> bytes:
    return vector(b"MLS 1.0 " + label.encode()) + vector(content)


def verify(key: bytes, label: str, content: bytes, signature: bytes) -> None:
    """VerifyWithLabel (RFC 9420 section 5.1.2). Raises `InvalidSignature`."""
    ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, _signed(label, content))


def sign(key: bytes, label: str, content: bytes) -> bytes:
    """See `verify`."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(key).sign(_signed(label, content))
