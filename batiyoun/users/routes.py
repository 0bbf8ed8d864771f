"""The HTTP edge of profiles and people search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, StringConstraints

from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.auth.routes import CurrentUser, DisplayName, Username, limit, scoped
from batiyoun.errors import InvalidInput, UsernameTaken
from batiyoun.http import Body
from batiyoun.limiting import Rate
from batiyoun.users.model import MAX_KEY, OwnUser, ProfileChange, PublicUser, check_bio, own_user, public_user
from batiyoun.users.service import MAX_RESULTS, UserService

router = APIRouter(prefix="/api/users", tags=["users"])

#: by person
SEARCH = Rate("search", burst=40, period=0.5)
PROFILES = Rate("profiles", burst=60, period=0.5)
RENAME = Rate("rename", burst=5, period=3600)

MAX_PROFILES = 100


async def users_of(request: Request) -> UserService:
    """The user service of this application."""
    users: UserService = request.app.state.users
    return users


Users = Annotated[UserService, Depends(users_of)]
ProfileReader = Annotated[Principal, scoped("profile:read")]
ProfileWriter = Annotated[Principal, scoped("profile:write")]


class EditProfile(Body):
    """`PATCH users/me`: what is given is changed; a `displayName` of null shows the username again."""

    display_name: DisplayName | None = None
    bio: Annotated[str, StringConstraints(max_length=1200), AfterValidator(check_bio)] = ""


class Rename(Body):
    """`PUT users/me/username`."""

    username: Username


class Renamed(Body):
    """Who one is now."""

    user: OwnUser


class Found(Body):
    """`GET users/search`, `GET users`."""

    users: list[PublicUser]


@router.get("/me")
async def read_me(principal: ProfileReader, users: Users) -> OwnUser:
    """One's own profile."""
    return own_user(await users.get(principal.user_id))


@router.patch("/me")
async def edit_me(body: EditProfile, principal: ProfileWriter, users: Users) -> OwnUser:
    """Change one's own profile."""
    given = body.model_fields_set
    me = await users.get(principal.user_id)
    change = ProfileChange(
        display_name=(body.display_name or me.username) if "display_name" in given else None,
        bio=body.bio if "bio" in given else None,
    )
    return own_user(await users.update(me.id, change))


@router.put("/me/username")
async def rename_me(body: Rename, request: Request, principal: CurrentUser, users: Users) -> Renamed:
    """Take another username; the old one is free for others at once."""
    limit(request, RENAME, principal.user_id)
    audit: Audit = request.app.state.audit
    try:
        user = await users.rename(principal.user_id, body.username)
    except UsernameTaken as exc:
        raise UsernameTaken(fields={"username": exc.public}) from exc
    await audit.record(
        "username_changed",
        user.id,
        session_id=principal.session_id,
        user_agent=request.headers.get("user-agent", ""),
    )
    return Renamed(user=own_user(user))


@router.get("")
async def read_users(
    request: Request,
    principal: ProfileReader,
    users: Users,
    ids: Annotated[str, Query(max_length=MAX_PROFILES * 37, description="up to 100 ids, separated by commas")],
) -> Found:
    """The public profiles of many people at once; those who do not exist are left out."""
    limit(request, PROFILES, principal.user_id)
    wanted = [part for part in ids.split(",") if part]
    if len(wanted) > MAX_PROFILES:
        raise InvalidInput(fields={"ids": f"Ask for at most {MAX_PROFILES} at once."})
    return Found(users=[public_user(user) for user in await users.profiles(wanted)])


@router.get("/search")
async def search(
    request: Request,
    principal: ProfileReader,
    users: Users,
    q: Annotated[str, Query(max_length=MAX_KEY, description="beginning of a username or display name")],
    limit_: Annotated[int, Query(alias="limit", ge=1, le=MAX_RESULTS)] = 20,
) -> Found:
    """People whose username or display name begins with `q`."""
    limit(request, SEARCH, principal.user_id)
    return Found(users=[public_user(user) for user in await users.search(q, limit_)])


@router.get("/{user_id}")
async def read_user(user_id: str, principal: ProfileReader, users: Users) -> PublicUser:
    """Somebody's public profile."""
    return public_user(await users.profile(user_id))
