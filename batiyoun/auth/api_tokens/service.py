"""Rules of API tokens: made once and shown once, good for what their scopes say, until they are revoked or over."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from batiyoun.audit.model import AuditKind
from batiyoun.audit.service import Audit
from batiyoun.auth.api_tokens.model import MAX_TOKENS, PREFIX, ApiToken, Scope
from batiyoun.auth.api_tokens.store import ApiTokenStore
from batiyoun.auth.model import Principal
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.sessions import Living
from batiyoun.errors import Conflict, NotFound
from batiyoun.runtime import Runtime


class ApiTokens:
    """Makes, recognises and ends API tokens."""

    def __init__(self, store: ApiTokenStore, runtime: Runtime, audit: Audit) -> None:
        self._living: Living[ApiToken] = Living(store, runtime)
        self._store = store
        self._runtime = runtime
        self._audit = audit

    @property
    def on_revoked(self) -> list[Callable[[str, str], None]]:
        """Called with (token id, user id) after a token was revoked, to close its sockets."""
        return self._living.on_revoked

    @property
    def on_expired(self) -> list[Callable[[str, str], None]]:
        """Called with (token id, user id) after a token ran out."""
        return self._living.on_expired

    def start(self) -> None:
        """Begin housekeeping; call it in the running loop."""
        self._living.start()

    async def close(self) -> None:
        """Write what was used."""
        await self._living.close()

    def doubt(self, user_id: str) -> None:
        """Ask the store again for what is known of this person's tokens."""
        self._living.doubt(user_id)

    async def make(
        self, principal: Principal, name: str, scopes: Collection[Scope], days: int | None, *, user_agent: str
    ) -> tuple[ApiToken, str]:
        """A new token and its secret, which nobody can see again. `days`: how long it is good; None for ever.

        Raises `Conflict` for somebody who has enough of them, `Unavailable`.
        """
        if len(await self._living.of_user(principal.user_id)) >= MAX_TOKENS:
            raise Conflict(f"You have {MAX_TOKENS} API tokens. Revoke one that you do not need.")
        secret, now = PREFIX + new_secret(self._runtime), self._runtime.utcnow()
        token = ApiToken(
            id=self._runtime.new_id(),
            token_hash=hash_token(secret),
            user_id=principal.user_id,
            name=name,
            scopes=frozenset(scopes),
            created_at=now,
            last_used_at=None,
            valid_until=None if days is None else now + timedelta(days=days),
        )
        await self._living.add(token)
        await self._record("api_token_made", principal, token, user_agent)
        return token, secret

    async def of_user(self, user_id: str) -> list[ApiToken]:
        """The person's tokens that are not over, the youngest first."""
        now = self._runtime.utcnow()
        return [token for token in await self._living.of_user(user_id) if token.expires_at() > now]

    async def holders(self, user_ids: Collection[str]) -> set[str]:
        """Those of these people that have a token which is not over. Raises `Unavailable`."""
        return await self._store.holders(user_ids, self._runtime.utcnow())

    async def revoke(self, principal: Principal, token_id: str, *, user_agent: str) -> None:
        """End one of one's own tokens and close its sockets. Raises `NotFound` for everybody else's."""
        own = {token.id: token for token in await self._living.of_user(principal.user_id)}
        token = own.get(token_id)
        if token is None or not await self._living.end([token_id]):
            raise NotFound("There is no such API token. It may be revoked already.")
        await self._record("api_token_revoked", principal, token, user_agent)

    async def revoke_all(self, user_id: str, *, before: datetime | None = None) -> int:
        """End every token of a person, or those made before that moment; returns how many."""
        tokens = await self._living.of_user(user_id)
        return await self._living.end([token.id for token in tokens if before is None or token.created_at < before])

    async def authenticate(self, secret: str) -> Principal | None:
        """Who the token speaks for, and its scopes; None when it is not good. Raises `Unavailable`."""
        if len(secret) != len(PREFIX) + SECRET_LENGTH or not secret.startswith(PREFIX):
            return None
        token = await self._living.find(hash_token(secret))
        if token is None:
            return None
        ends_at = float("inf") if token.valid_until is None else token.valid_until.timestamp()
        return Principal(token.user_id, token.id, None, ends_at, scopes=frozenset(token.scopes))

    def seen(self, token_id: str) -> None:
        """Note that the token is in use (an open socket counts)."""
        self._living.seen(token_id)

    def has_ended(self, token_id: str) -> bool:
        """The token was ended within the last minute; cheap."""
        return self._living.has_ended(token_id)

    async def living(self, token_ids: Collection[str]) -> set[str]:
        """Those of these tokens that are not over, by what the store says now. Raises `Unavailable`."""
        return await self._living.living(token_ids)

    def forget(self, token_id: str) -> None:
        """Another process ended the token: do not believe in it any more."""
        self._living.forget(token_id)

    def believe_nothing(self) -> None:
        """Other processes end tokens, too: ask the store every time."""
        self._living.believe_nothing()

    async def _record(self, kind: AuditKind, principal: Principal, token: ApiToken, user_agent: str) -> None:
        await self._audit.record(
            kind,
            principal.user_id,
            session_id=principal.session_id,
            user_agent=user_agent,
            details={"scopes": " ".join(sorted(token.scopes))},
        )
