"""What browsers are asked, and whether their answers are right: WebAuthn through py_webauthn; keeps nothing."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from batiyoun.auth.model import ATTEMPT_LIFETIME
from batiyoun.auth.passkeys.model import MAX_CREDENTIAL_ID, NewPasskey, Passkey
from batiyoun.errors import InvalidPasskey

#: a credential is an answer of the browser as JSON (WebAuthn §5.1: `toJSON()`)
Credential = Mapping[str, Any]

_REQUIRED = UserVerificationRequirement.REQUIRED
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom a passkey is made: what the authenticator keeps and shows beside it."""

    user_id: str
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This server, as authenticators know it. `id` is a domain; a passkey never works for another one.

    Without `origin` pages on any port of `localhost` are ours: that is what one has on one's own machine.
    """

    id: str
    origin: str | None

    @classmethod
    def at(cls, public_url: str | None, base_url: str, *, loopback: bool) -> RelyingParty | None:
        """The relying party of a server at that address; None when it has no domain, and so no passkeys."""
        if public_url is None and loopback:
            return cls("localhost", None)
        host = urlsplit(base_url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, base_url) if host else None
        return None

    def origin_for(self, host: str) -> str | None:
        """Where the page is that sends requests to this Host header; None when passkeys do not work there."""
        if self.origin is not None:
            return self.origin
        return f"http://{host}" if urlsplit(f"//{host}").hostname == self.id else None

    def creation_options(self, owner: Owner, challenge: bytes, known: Sequence[Passkey]) -> dict[str, Any]:
        """What `navigator.credentials.create` gets; an authenticator that holds a `known` one makes no second."""
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name="Batiyoun",
            user_id=UUID(owner.user_id).bytes,
            user_name=owner.username,
            user_display_name=owner.display_name,
            challenge=challenge,
            timeout=_milliseconds(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
            ),
            exclude_credentials=[_descriptor(passkey) for passkey in known],
        )
        return options_to_json_dict(options)

    def request_options(self, challenge: bytes, known: Sequence[Passkey] = ()) -> dict[str, Any]:
        """What `navigator.credentials.get` gets; without `known` the person chooses among all that they have here."""
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=_milliseconds(),
            allow_credentials=[_descriptor(passkey) for passkey in known],
            user_verification=_REQUIRED,
        )
        return options_to_json_dict(options)

    def check_creation(self, credential: Credential, challenge: bytes, host: str) -> NewPasskey:
        """The passkey that was made in answer to `challenge`. Raises `InvalidPasskey`."""
        try:
            parsed = parse_registration_credential_json(dict(credential))
            _refuse_frames(parsed.response.client_data_json)
            verified = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self._origin(host),
                require_user_verification=True,
            )
        # a library that takes CBOR and certificates apart may stumble in its own ways; what is not right is wrong
        except Exception as exc:
            raise InvalidPasskey from exc
        if not 0 < len(verified.credential_id) <= MAX_CREDENTIAL_ID:
            raise InvalidPasskey
        transports = tuple(transport.value for transport in parsed.response.transports or ())
        return NewPasskey(verified.credential_id, verified.credential_public_key, verified.sign_count, transports)

    def check_use(
        self, credential: Credential, challenge: bytes, host: str, passkey: Passkey, *, named: bool = False
    ) -> int:
        """The signature counter after this use of `passkey`. Raises `InvalidPasskey`.

        `named`: the answer must say whose passkey it is, because it was asked for nobody's in particular. One that says
        so wrongly is refused in any case (WebAuthn §7.2 step 6).
        """
        try:
            parsed = parse_authentication_credential_json(dict(credential))
            _refuse_frames(parsed.response.client_data_json)
            verified = webauthn.verify_authentication_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self._origin(host),
                credential_public_key=passkey.made.public_key,
                credential_current_sign_count=passkey.made.sign_count,
                require_user_verification=True,
            )
            handle = parsed.response.user_handle
        except Exception as exc:
            raise InvalidPasskey from exc
        if verified.credential_id != passkey.made.credential_id:
            raise InvalidPasskey
        if named and handle is None:
            raise InvalidPasskey
        if handle is not None and handle != UUID(passkey.user_id).bytes:
            raise InvalidPasskey
        return verified.new_sign_count

    def _origin(self, host: str) -> str:
        origin = self.origin_for(host)
        if origin is None:
            raise InvalidPasskey
        return origin


def challenge_of(credential: Credential) -> bytes:
    """The challenge that a credential says it answers; whether it does shows later. Raises `InvalidPasskey`."""
    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    except Exception as exc:
        raise InvalidPasskey from exc


def credential_id_of(credential: Credential) -> bytes:
    """Which credential it says it is. Raises `InvalidPasskey`."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except Exception as exc:
        raise InvalidPasskey from exc


def _refuse_frames(client_data: bytes) -> None:
    # py_webauthn does not look at it; nobody embeds our pages (WebAuthn §7.1 step 10)
    if json.loads(client_data).get("crossOrigin"):
        raise ValueError("made in a frame of another site")


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.made.transports if name in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=passkey.made.credential_id, transports=transports or None)


def _milliseconds() -> int:
    return int(ATTEMPT_LIFETIME.total_seconds() * 1000)
