"""The HTTP edge of passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AfterValidator, Field, StringConstraints

from batiyoun.auth.model import ATTEMPT_LIFETIME, Principal
from batiyoun.auth.passkeys.model import MAX_PASSKEY_NAME, Passkey
from batiyoun.auth.passkeys.service import Asked, Page, Passkeys
from batiyoun.auth.routes import (
    Auth,
    CredentialJson,
    CurrentUser,
    DisplayName,
    Email,
    FreshUser,
    SignedInUser,
    Username,
    find_user,
    give_session,
    limit_by_address,
    page_of,
    passkeys_of,
)
from batiyoun.auth.throttle import LOGIN, PASSKEY_OPTIONS, SIGNUP
from batiyoun.http import Body
from batiyoun.users.model import check_display_name
from batiyoun.users.service import UserService

router = APIRouter(prefix="/api/auth/passkeys", tags=["passkeys"])

Known = Annotated[Passkeys, Depends(passkeys_of)]
Where = Annotated[Page, Depends(page_of)]
PasskeyId = Annotated[str, Path(max_length=64)]


def _check_name(value: str) -> str:
    name = check_display_name(value)
    if len(name) > MAX_PASSKEY_NAME:
        msg = f"Use at most {MAX_PASSKEY_NAME} characters."
        raise ValueError(msg)
    return name


PasskeyName = Annotated[str, StringConstraints(max_length=256), AfterValidator(_check_name)]


class PasskeyOptions(Body):
    """What the browser needs: `PublicKeyCredential.parseCreationOptionsFromJSON` or `…RequestOptionsFromJSON`."""

    options: dict[str, Any] = Field(description="WebAuthn §5.1.9")


class NewPasskeyBody(Body):
    """`POST auth/passkeys`: what the browser made, and how the person calls it."""

    credential: CredentialJson
    name: PasskeyName


class PasskeySignup(Body):
    """`POST auth/passkeys/signup-options`: for whom the passkey will be."""

    email: Email
    username: Username
    display_name: DisplayName | None = None


class PasskeyLogin(Body):
    """`POST auth/passkeys/login`: what the browser answered."""

    credential: CredentialJson


class PasskeyRename(Body):
    """`PATCH auth/passkeys/{id}`."""

    name: PasskeyName


class PasskeyView(Body):
    """One of one's own passkeys."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class OnePasskey(Body):
    """The passkey as it is now."""

    passkey: PasskeyView


class OwnPasskeys(Body):
    """`GET auth/passkeys`: the eldest first."""

    passkeys: list[PasskeyView]


@router.get("")
async def list_passkeys(principal: CurrentUser, passkeys: Known) -> OwnPasskeys:
    """One's own passkeys."""
    return OwnPasskeys(passkeys=[_view(passkey) for passkey in await passkeys.of_user(principal.user_id)])


@router.post("/options")
async def ask_for_new(
    request: Request, response: Response, principal: FreshUser, passkeys: Known, page: Where
) -> PasskeyOptions:
    """What the browser needs to make a passkey for who is signed in."""
    users: UserService = request.app.state.users
    asked = await passkeys.creation_options(principal, await users.get(principal.user_id), page)
    return hand_over(response, passkeys, asked)


@router.post("", status_code=201)
async def add_passkey(body: NewPasskeyBody, principal: CurrentUser, passkeys: Known, page: Where) -> OnePasskey:
    """Keep the passkey that was asked for with `options`."""
    return OnePasskey(passkey=_view(await passkeys.add(principal, body.credential, body.name, page)))


@router.patch("/{passkey_id}")
async def rename_passkey(
    passkey_id: PasskeyId, body: PasskeyRename, principal: CurrentUser, passkeys: Known
) -> OnePasskey:
    """Call one of one's own passkeys something else."""
    return OnePasskey(passkey=_view(await passkeys.rename(principal, passkey_id, body.name)))


@router.delete("/{passkey_id}", status_code=204)
async def remove_passkey(passkey_id: PasskeyId, principal: FreshUser, passkeys: Known, page: Where) -> None:
    """Forget one of one's own passkeys; refused while there is no other way in."""
    await passkeys.remove(principal, passkey_id, page.user_agent)


@router.post("/signup-options")
async def ask_for_signup(
    body: PasskeySignup, request: Request, response: Response, passkeys: Known, page: Where
) -> PasskeyOptions:
    """What the browser needs to make the passkey of a new account; `signup` takes it instead of a password."""
    limit_by_address(request, SIGNUP)
    asked = await passkeys.signup_options(body.username, body.display_name, page)
    return hand_over(response, passkeys, asked)


@router.post("/login-options")
async def ask_for_login(request: Request, response: Response, passkeys: Known, page: Where) -> PasskeyOptions:
    """What the browser needs to offer passkeys, in a dialogue or while one fills in the name (conditional UI)."""
    limit_by_address(request, PASSKEY_OPTIONS)
    return hand_over(response, passkeys, await passkeys.login_options(page))


@router.post("/login")
async def sign_in_with_passkey(
    body: PasskeyLogin,
    request: Request,
    response: Response,
    auth: Auth,
    passkeys: Known,
    page: Where,
    before: Annotated[Principal | None, Depends(find_user)],
) -> SignedInUser:
    """Sign in. No second factor follows: the device and the finger or PIN were two. The session until now ends."""
    limit_by_address(request, LOGIN)
    return give_session(response, auth, await passkeys.login(body.credential, page, replaces=before))


def hand_over(response: Response, passkeys: Passkeys, asked: Asked) -> PasskeyOptions:
    """The options, and the cookie of the browser that may answer them."""
    response.set_cookie(
        passkeys.cookie_name,
        asked.browser,
        max_age=int(ATTEMPT_LIFETIME.total_seconds()),
        path="/",
        secure=passkeys.secure,
        httponly=True,
        samesite="strict",
    )
    return PasskeyOptions(options=asked.options)


def _view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=passkey.id, name=passkey.name, created_at=passkey.created_at, last_used_at=passkey.last_used_at
    )
