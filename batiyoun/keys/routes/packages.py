"""The HTTP edge of key packages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field

from batiyoun.auth.routes import CurrentUser, limit
from batiyoun.errors import InvalidInput
from batiyoun.http import Body, operation, struct_body
from batiyoun.keys.model import MAX_KEY_PACKAGE, MAX_PACKAGES
from batiyoun.keys.routes.common import Id, Keys, binary, text_of
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api/keys/packages")

#: by person
UPLOAD = Rate("key-packages", burst=20, period=30)
CLAIM = Rate("claim-key-packages", burst=60, period=5)


class NewPackages(msgspec.Struct, frozen=True, rename="camel"):
    """`PUT keys/packages`: encoded MLSMessages in base64, each a KeyPackage of this device (RFC 9420 section 10)."""

    packages: Annotated[list[str], msgspec.Meta(max_length=MAX_PACKAGES)]
    last_resort: str | None = None


class Left(Body):
    """How many one-time packages wait for being claimed."""

    left: int


class PackageStock(Body):
    """`GET keys/packages`: how many one-time packages wait, and whether there is a last resort."""

    left: int
    last_resort: bool


class WantedDevice(Body):
    """A device that somebody wants to add to a group."""

    user_id: Id
    device_id: Id


class Claim(Body):
    """`POST keys/packages/claim`: each device once."""

    devices: Annotated[list[WantedDevice], Field(min_length=1, max_length=MAX_PACKAGES)]


class ClaimedPackage(Body):
    """A key package; null for a device that is gone or has none."""

    user_id: str
    device_id: str
    key_package: str | None


class Claims(Body):
    """The key packages, in the order in which they were asked for."""

    packages: list[ClaimedPackage]


@router.put("", openapi_extra=operation(body=NewPackages)["openapi_extra"])
async def put_packages(
    body: Annotated[NewPackages, Depends(struct_body(NewPackages))],
    request: Request,
    principal: CurrentUser,
    keys: Keys,
) -> Left:
    """Let others add this device to groups. Packages that were uploaded before are passed over."""
    limit(request, UPLOAD, principal.user_id)
    device = await keys.devices.own(principal)
    packages = [binary(text, MAX_KEY_PACKAGE, f"packages.{at}") for at, text in enumerate(body.packages)]
    last = None if body.last_resort is None else binary(body.last_resort, MAX_KEY_PACKAGE, "lastResort")
    return Left(left=await keys.packages.upload(device, packages, last))


@router.get("")
async def count_packages(principal: CurrentUser, keys: Keys) -> PackageStock:
    """What others can add this device with."""
    left, last_resort = await keys.packages.waiting(await keys.devices.own(principal))
    return PackageStock(left=left, last_resort=last_resort)


@router.post("/claim")
async def claim_packages(body: Claim, request: Request, principal: CurrentUser, keys: Keys) -> Claims:
    """Take a key package of each device. Nobody else gets the same, unless it is the device's last resort."""
    limit(request, CLAIM, principal.user_id)
    wanted = {each.device_id: each.user_id for each in body.devices}
    if len(wanted) != len(body.devices):
        raise InvalidInput(fields={"devices": "Name each device once."})
    claimed = await keys.packages.claim(await keys.devices.own(principal), wanted)
    return Claims(
        packages=[
            ClaimedPackage(
                user_id=each.user_id,
                device_id=each.device_id,
                key_package=text_of(claimed[each.device_id]) if each.device_id in claimed else None,
            )
            for each in body.devices
        ]
    )
