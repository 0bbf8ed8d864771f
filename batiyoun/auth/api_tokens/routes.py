"""The HTTP edge of API tokens. A token itself opens none of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, Field, StringConstraints

from batiyoun.auth.api_tokens.model import MAX_DAYS, MAX_NAME, SCOPES, ApiToken, Scope
from batiyoun.auth.api_tokens.service import ApiTokens
from batiyoun.auth.routes import CurrentUser, FreshUser, limit
from batiyoun.http import Body
from batiyoun.limiting import Rate
from batiyoun.users.model import check_display_name

#: of one person; more than they may have, so that nobody meets it who does not make and revoke all day
MAKING = Rate("api-token", burst=60, period=60)

router = APIRouter(prefix="/api/auth/tokens", tags=["auth"])


async def tokens_of(request: Request) -> ApiTokens:
    """The API tokens of this application."""
    tokens: ApiTokens = request.app.state.api_tokens
    return tokens


Tokens = Annotated[ApiTokens, Depends(tokens_of)]


def _check_scopes(scopes: list[Scope]) -> list[Scope]:
    if not scopes:
        msg = f"Choose at least one of {', '.join(SCOPES)}."
        raise ValueError(msg)
    return scopes


class MakeToken(Body):
    """`POST auth/tokens`: what it is for, what it may do, and for how long (without `expiresInDays`: for ever)."""

    name: Annotated[str, StringConstraints(max_length=4 * MAX_NAME), AfterValidator(check_display_name)]
    scopes: Annotated[list[Scope], Field(max_length=len(SCOPES)), AfterValidator(_check_scopes)]
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None


class TokenView(Body):
    """An API token without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class MadeToken(TokenView):
    """A new API token with its secret, which is shown this once."""

    token: str


class TokenList(Body):
    """`GET auth/tokens`: the youngest first."""

    tokens: list[TokenView]


@router.get("")
async def list_tokens(principal: CurrentUser, tokens: Tokens) -> TokenList:
    """One's API tokens."""
    return TokenList(tokens=[_view(token) for token in await tokens.of_user(principal.user_id)])


@router.post("", status_code=201)
async def make_token(body: MakeToken, request: Request, principal: FreshUser, tokens: Tokens) -> MadeToken:
    """Make an API token for a bot or a script."""
    limit(request, MAKING, principal.user_id)
    token, secret = await tokens.make(
        principal, body.name, body.scopes, body.expires_in_days, user_agent=request.headers.get("user-agent", "")
    )
    return MadeToken(**_view(token).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=204)
async def revoke_token(
    token_id: Annotated[str, Path(max_length=64)], request: Request, principal: CurrentUser, tokens: Tokens
) -> None:
    """End one of one's own API tokens and close its connections; 404 for everybody else's."""
    await tokens.revoke(principal, token_id, user_agent=request.headers.get("user-agent", ""))


def _view(token: ApiToken) -> TokenView:
    return TokenView(
        id=token.id,
        name=token.name,
        scopes=[scope for scope in SCOPES if scope in token.scopes],
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.valid_until,
    )
