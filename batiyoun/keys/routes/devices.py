"""The HTTP edge of devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, StringConstraints

from batiyoun.auth.model import Principal
from batiyoun.auth.routes import Auth, CurrentUser, FreshUser, forget_session, limit
from batiyoun.http import Body
from batiyoun.keys.model import MAX_CERTIFICATE, MAX_DEVICE_NAME, SIGNATURE_BYTES, Device
from batiyoun.keys.routes.common import Base64, Keys, PathId, agent_of, binary, public_key, text_of
from batiyoun.limiting import Rate
from batiyoun.users.model import check_line

router = APIRouter(prefix="/api")

#: by person
REGISTER = Rate("devices", burst=20, period=60)
LOOK = Rate("devices-of", burst=120, period=0.5)

Name = Annotated[
    str, StringConstraints(max_length=4 * MAX_DEVICE_NAME), AfterValidator(lambda v: check_line(v, MAX_DEVICE_NAME))
]


class NewDevice(Body):
    """`PUT keys/devices/{deviceId}`: by the certificate the identity key says whose the signature key is.

    `proof`: what the device signed when 409 `device_proof_needed` named a challenge (docs/reference/protocol.md).
    """

    certificate: Base64
    signature_key: Base64
    name: Name
    proof: Base64 | None = None


class OwnDevice(Body):
    """A device as its person sees it, and the sign-in that it is of; `current`: the one that asks."""

    id: str
    session_id: str
    name: str
    certificate: str
    signature_key: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


class OwnDevices(Body):
    """`GET keys/devices`: the oldest first."""

    devices: list[OwnDevice]


class PublicDevice(Body):
    """A device as others see it."""

    id: str
    certificate: str
    signature_key: str


class DevicesOf(Body):
    """`GET users/{id}/devices`: what to check certificates with, and the devices to encrypt for."""

    identity_key: str
    devices: list[PublicDevice]


@router.put("/keys/devices/{device_id}")
async def put_device(
    device_id: PathId, body: NewDevice, request: Request, principal: CurrentUser, keys: Keys
) -> OwnDevice:
    """Say which device this sign-in is, or renew its certificate and name."""
    limit(request, REGISTER, principal.user_id)
    device = await keys.devices.register(
        principal,
        device_id,
        certificate=binary(body.certificate, MAX_CERTIFICATE, "certificate"),
        signature_key=public_key(body.signature_key, "signatureKey"),
        name=body.name,
        user_agent=agent_of(request),
        proof=None if body.proof is None else binary(body.proof, SIGNATURE_BYTES, "proof"),
    )
    return _own(device, principal)


@router.get("/keys/devices")
async def list_devices(principal: CurrentUser, keys: Keys) -> OwnDevices:
    """One's own devices."""
    return OwnDevices(devices=[_own(device, principal) for device in await keys.devices.of_user(principal.user_id)])


@router.delete("/keys/devices/{device_id}", status_code=204)
async def remove_device(
    device_id: PathId, request: Request, response: Response, auth: Auth, principal: FreshUser, keys: Keys
) -> None:
    """End one of one's own devices: its sign-in is over, and nothing is encrypted for it any more."""
    device = await keys.devices.remove(principal, device_id, user_agent=agent_of(request))
    if device.session_id == principal.session_id:
        forget_session(response, auth)


@router.get("/users/{user_id}/devices")
async def devices_of_user(user_id: PathId, request: Request, principal: CurrentUser, keys: Keys) -> DevicesOf:
    """Somebody's identity key and devices."""
    limit(request, LOOK, principal.user_id)
    identity, devices = await keys.devices.public(user_id)
    return DevicesOf(
        identity_key=text_of(identity.key),
        devices=[
            PublicDevice(
                id=device.id,
                certificate=text_of(device.certificate),
                signature_key=text_of(device.signature_key),
            )
            for device in devices
        ],
    )


def _own(device: Device, principal: Principal) -> OwnDevice:
    return OwnDevice(
        id=device.id,
        session_id=device.session_id,
        name=device.name,
        certificate=text_of(device.certificate),
        signature_key=text_of(device.signature_key),
        created_at=device.created_at,
        last_seen_at=device.last_seen_at,
        current=device.session_id == principal.session_id,
    )
