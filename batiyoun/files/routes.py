"""The HTTP edge of profile pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from batiyoun.auth.model import Principal
from batiyoun.auth.routes import CurrentUser, limit, scoped
from batiyoun.errors import InvalidImage
from batiyoun.files.service import PLACE, Avatars
from batiyoun.http import Body, Upload
from batiyoun.limiting import Rate
from batiyoun.users.model import OwnUser, own_user

router = APIRouter(tags=["users"])

#: by person
AVATAR = Rate("avatar", burst=10, period=60)

MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
MAX_BYTES = 5_000_000
OWN = "/api/users/me/avatar"
#: paths whose bodies are not JSON
UPLOADS = {OWN: Upload(frozenset(MEDIA_TYPES), MAX_BYTES)}


async def avatars_of(request: Request) -> Avatars:
    """The pictures of this application."""
    avatars: Avatars = request.app.state.avatars
    return avatars


Pictures = Annotated[Avatars, Depends(avatars_of)]


class Pictured(Body):
    """Who one is now."""

    user: OwnUser


_picture = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES},
    }
}


@router.put(OWN, openapi_extra=_picture)
async def put_avatar(request: Request, me: CurrentUser, avatars: Pictures) -> Pictured:
    """Show this picture: PNG, JPEG, WebP or GIF of at most 5 MB; its middle is kept as a square, without EXIF."""
    limit(request, AVATAR, me.user_id)
    try:
        user = await avatars.put(me.user_id, await request.body())
    except InvalidImage as exc:
        raise InvalidImage(exc.public, fields={"avatar": exc.public}) from exc
    return Pictured(user=own_user(user))


@router.delete(OWN)
async def delete_avatar(request: Request, me: CurrentUser, avatars: Pictures) -> Pictured:
    """Show no picture any more; its files are deleted."""
    limit(request, AVATAR, me.user_id)
    return Pictured(user=own_user(await avatars.clear(me.user_id)))


@router.get(
    PLACE + "{file}",
    response_class=Response,
    responses={200: {"description": "A square picture.", "content": {"image/webp": {}}}},
)
async def read_avatar(
    file: Annotated[str, Path(max_length=64, description="the name, or with `-96` before `.webp` the small one")],
    request: Request,
    _: Annotated[Principal, scoped("profile:read")],
    avatars: Pictures,
) -> Response:
    """Somebody's picture; its address changes with it, so it can be kept for ever."""
    picture = await avatars.read(file)
    # stronger than what every answer of the API has: it is a picture and nothing else
    request.state.response_headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(picture, media_type="image/webp")
