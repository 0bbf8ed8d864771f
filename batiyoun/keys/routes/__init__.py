"""The HTTP edge of keys. Binary is base64 with padding (RFC 4648 §4) in JSON."""

from __future__ import annotations

from fastapi import APIRouter

from batiyoun.keys.routes import devices, identity, packages, sealed

router = APIRouter(tags=["keys"])
for part in (identity, devices, packages, sealed):
    router.include_router(part.router)
