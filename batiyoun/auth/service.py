"""Rules of signing up, in and out, and of who a request speaks for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from batiyoun.audit.service import Audit
from batiyoun.auth.admission import Admissions
from batiyoun.auth.api_tokens.model import PREFIX
from batiyoun.auth.api_tokens.service import ApiTokens
from batiyoun.auth.cookies import new_session, principal_of, read_cookie
from batiyoun.auth.model import (
    FRESH,
    AccessToken,
    Account,
    Principal,
    Proof,
    Session,
    SignedIn,
)
from batiyoun.auth.oidc.model import Identity
from batiyoun.auth.passkeys.model import Passkey
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.second_factor.pending import PendingLogins
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.sessions import Sessions
from batiyoun.auth.store import AccountStore, SessionStore
from batiyoun.auth.throttle import Throttle
from batiyoun.auth.tickets import SignupTickets
from batiyoun.auth.tokens import TokenSigner
from batiyoun.errors import InvalidLogin, InvalidPassword, InvalidToken, SecondFactorRequired, SignInOver
from batiyoun.runtime import Runtime
from batiyoun.users.model import User

__all__ = ["SECRET_LENGTH", "AuthService", "Principal", "hash_token", "new_secret", "read_cookie"]

log = logging.getLogger(__name__)


class AuthService:
    """Accounts, sessions and access tokens.

    `cookie_name` is `__Host-batiyoun` over HTTPS: such a cookie can only have been set by this very host, over TLS, for
    all paths (RFC 6265bis §4.1.3.2), so nobody can plant one.
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        sessions: SessionStore,
        passwords: PasswordHasher,
        tokens: TokenSigner,
        throttle: Throttle,
        tickets: SignupTickets,
        admissions: Admissions,
        audit: Audit,
        pending: PendingLogins,
        api_tokens: ApiTokens,
        runtime: Runtime,
        secure: bool,
    ) -> None:
        self._accounts = accounts
        self._sessions = Sessions(sessions, runtime)
        self._passwords = passwords
        self._tokens = tokens
        self._tickets = tickets
        self._pending = pending
        self.audit = audit
        self.api_tokens = api_tokens
        self.admissions = admissions
        #: called with (new person's id, inviter's id) after somebody signed up with an invitation
        self.on_invited: list[Callable[[str, str], Awaitable[None]]] = []
        self._runtime = runtime
        self.throttle = throttle
        self.secure = secure
        self.cookie_name = "__Host-batiyoun" if secure else "batiyoun"

    @property
    def on_revoked(self) -> list[Callable[[str, str], None]]:
        """Called with (session id, user id) after a session ended in this process, to close its sockets."""
        return self._sessions.on_revoked

    @property
    def on_expired(self) -> list[Callable[[str, str], None]]:
        """Called with (session id, user id) after a session ran out."""
        return self._sessions.on_expired

    def start(self) -> None:
        """Begin housekeeping; call it in the running loop."""
        self._sessions.start()
        self.api_tokens.start()

    async def close(self) -> None:
        """Write what was seen and stop the threads."""
        await self._sessions.close()
        await self.api_tokens.close()
        self._passwords.close()

    # ── ways in ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def signup(
        self,
        *,
        email: str,
        username: str,
        password: str | None,
        display_name: str | None,
        user_agent: str,
        ticket: str | None = None,
        invite: str | None = None,
        passkey: Passkey | None = None,
    ) -> SignedIn:
        """Make an account and sign it in, with a password or a passkey. The values have been checked by the models.

        Raises `AddressUnverified` without a good ticket where one is needed, what `register` raises, `Unavailable`.
        """
        await self.admissions.admit(invite)
        address = await self._tickets.check(ticket, email)
        password_hash = None if password is None else await self._passwords.hash(password)
        user = User(
            id=passkey.user_id if passkey else self._runtime.new_id(),
            username=username,
            display_name=display_name or username,
            email=address.email,
            avatar=None,
            bio="",
            provider="email",
            verified=address.verified,
            disabled=False,
            created_at=self._runtime.utcnow(),
        )
        by: Proof = "passkey" if passkey else "password"
        user = await self.register(user, password_hash, invite=invite, user_agent=user_agent, by=by, way_in=passkey)
        await self._tickets.spend(ticket)
        return await self.sign_in(user, user_agent, proof=by)

    async def register(
        self,
        user: User,
        password_hash: str | None,
        *,
        invite: str | None,
        user_agent: str,
        by: Proof,
        way_in: Passkey | Identity | None = None,
    ) -> User:
        """Keep a new person, if this server admits them; returns them as they are kept. Every way to sign up ends here.

        The invitation with the code `invite` is used up by it. `way_in` is what they have instead of
        a password. Raises `SignupClosed`, `InviteRequired`, `InviteInvalid`, `UsernameTaken`, `EmailTaken`,
        `PasskeyKnown`, `IdentityTaken`, `Unavailable`: then nothing was kept or used.
        """
        admission = await self.admissions.admit(invite)
        created = await self._accounts.create(user, password_hash, admission, way_in)
        await self.audit.record("signed_up", user.id, user_agent=user_agent, details={"by": by})
        if created.inviter_id is not None:
            for tell in self.on_invited:
                try:
                    await tell(user.id, created.inviter_id)
                except Exception:
                    # the account is there; following the link again opens the chat
                    log.exception("the chat of an invitation could not be opened")
        return created.user

    async def login(
        self, *, identifier: str, password: str, user_agent: str, address: str, replaces: Principal | None = None
    ) -> SignedIn:
        """Sign in with a username or an e-mail address. `replaces`: the session this browser had until now; it ends.

        Raises `InvalidLogin` (the same, in the same time, for an unknown account and a wrong password), `RateLimited`,
        `Unavailable`.
        """
        self._passwords.check_room()
        with self.throttle.attempt(identifier, address):
            await self.throttle.slow_down(identifier)
            account = await self._accounts.by_identifier(identifier)
            right = await self._passwords.verify(password, account.password_hash if account else None)
            if account is None or not right or account.user.disabled:
                self.throttle.failed(identifier, address)
                if account is not None:
                    self.audit.note(
                        "sign_in_failed", account.user.id, user_agent=user_agent, details={"by": "password"}
                    )
                raise InvalidLogin
            self.throttle.succeeded(identifier, address)
        account = await self._renew_hash(account, password)

        async def holds() -> bool:
            return await self._is_still_right(account, password)

        return await self.sign_in(account.user, user_agent, proof="password", replaces=replaces, holds=holds)

    async def sign_in(
        self,
        user: User,
        user_agent: str,
        *,
        proof: Proof,
        replaces: Principal | None = None,
        holds: Callable[[], Awaitable[bool]] | None = None,
    ) -> SignedIn:
        """Begin a session for somebody who has just proved who they are, by `proof`; the session `replaces` ends.

        Every way in ends here. `holds` is asked when the session is kept, and before anybody gets it: whether what was
        shown still opens the account. Whoever changes a password first keeps it and then ends the sessions, so one of
        the two sees the other. Raises `InvalidLogin` when it does not hold any more, and `SecondFactorRequired` when a
        second factor is due: then `finish_sign_in` begins the session.
        """
        secret = await self._pending.hold_back(user.id, proof)
        if secret is not None:
            if holds is not None and not await holds():
                await self._pending.forget(user.id)
                raise InvalidLogin
            raise SecondFactorRequired(secret)
        signed_in = await self._begin(user, user_agent)
        if holds is not None and not await holds():
            await self._sessions.end([signed_in.session.id])
            raise InvalidLogin
        await self.audit.record(
            "signed_in", user.id, session_id=signed_in.session.id, user_agent=user_agent, details={"by": proof}
        )
        if replaces is not None:
            await self._sessions.end([replaces.session_id])
        return signed_in

    async def finish_sign_in(
        self, secret: str | None, code: str, *, user_agent: str, address: str, replaces: Principal | None = None
    ) -> SignedIn:
        """Begin the session that waited for a second factor; `secret` is from the cookie of the browser that began.

        Raises `InvalidCode`, `SignInOver`, `RateLimited`, `Unavailable`.
        """
        pending, shown = await self._pending.check(secret, code, address, user_agent)
        account = await self._accounts.by_id(pending.user_id)
        if account is None or account.user.disabled:
            raise SignInOver
        signed_in = await self._begin(account.user, user_agent)
        # used up only now: whoever changes the password meanwhile finds the sign-in waiting or the session (`sign_in`)
        if not await self._pending.consume(pending):
            await self._sessions.end([signed_in.session.id])
            raise SignInOver
        details = {"by": pending.proof, "second": shown}
        await self.audit.record(
            "signed_in", pending.user_id, session_id=signed_in.session.id, user_agent=user_agent, details=details
        )
        if replaces is not None:
            await self._sessions.end([replaces.session_id])
        return signed_in

    async def username_taken(self, username: str) -> bool:
        """Whether somebody has that username, in any case."""
        return await self._accounts.username_taken(username)

    def mint(self, principal: Principal) -> AccessToken:
        """A five-minute token for the principal's session: the Socket.IO handshake and API clients use it."""
        return self._tokens.mint(principal.user_id, principal.session_id)

    # ── who is it ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def authenticate_cookie(self, cookie_header: str) -> Principal | None:
        """Who the Cookie header speaks for; None without a living session. Raises `Unavailable`."""
        token = read_cookie(cookie_header, self.cookie_name)
        if token is None or len(token) != SECRET_LENGTH:
            return None
        session = await self._sessions.find(hash_token(token))
        return principal_of(session) if session else None

    async def authenticate_token(self, token: str) -> Principal | None:
        """Who the access token or API token speaks for; None when it, or its session, is not good any more.

        Raises `Unavailable`.
        """
        if token.startswith(PREFIX):
            return await self.api_tokens.authenticate(token)
        try:
            user_id, session_id, _ = self._tokens.check(token)
        except InvalidToken:
            return None
        session = await self._sessions.find(session_id)
        return principal_of(session) if session and session.user_id == user_id else None

    def is_fresh(self, principal: Principal) -> bool:
        """Whether the person proved so lately who they are that they may change what is dangerous."""
        return self._runtime.now() - principal.proved_at < FRESH.total_seconds()

    async def prove(self, principal: Principal) -> None:
        """The person has just proved again who they are; durable on return. Raises `Unavailable`."""
        await self._sessions.prove(principal.session_id)

    async def bind_device(self, session_id: str, device_id: str | None) -> None:
        """The session speaks for that device (or none) from now on; durable on return. Raises `Unavailable`."""
        await self._sessions.bind_device(session_id, device_id)

    async def check_password(self, user_id: str, password: str, address: str) -> None:
        """Whether that is the password of somebody who is signed in already. `address` is where they call from.

        Raises `InvalidPassword` (also for somebody without one), `RateLimited`, `Unavailable`.
        """
        self._passwords.check_room()
        with self.throttle.attempt(user_id, address):
            await self.throttle.slow_down(user_id)
            account = await self._accounts.by_id(user_id)
            if not await self._passwords.verify(password, account.password_hash if account else None):
                self.throttle.failed(user_id, address)
                raise InvalidPassword
            self.throttle.succeeded(user_id, address)

    async def person(self, user_id: str) -> User | None:
        """The person, unless they are disabled or gone."""
        account = await self._accounts.by_id(user_id)
        return None if account is None or account.user.disabled else account.user

    async def has_password(self, user_id: str) -> bool:
        """Whether the person can sign in with a password."""
        account = await self._accounts.by_id(user_id)
        return account is not None and account.password_hash is not None

    def share_sessions(self) -> None:
        """Other processes end sessions, too: believe nothing that was read before."""
        self._sessions.believe_nothing()
        self.api_tokens.believe_nothing()

    def doubt(self, user_id: str) -> None:
        """Somebody decided about this person elsewhere: ask for their sessions again before believing in them."""
        self._sessions.doubt(user_id)
        self.api_tokens.doubt(user_id)

    async def living(self, session_ids: Collection[str]) -> set[str]:
        """Those of these sessions that are not over, by what the store says now. Raises `Unavailable`."""
        return await self._sessions.living(session_ids) | await self.api_tokens.living(session_ids)

    def has_ended(self, principal: Principal) -> bool:
        """The principal's session was ended within the last minute; for those who authenticated less long ago."""
        credentials = self._sessions if principal.scopes is None else self.api_tokens
        return credentials.has_ended(principal.session_id)

    def seen(self, principal: Principal) -> None:
        """Note that the session is in use (an open socket counts); cheap, written at most once a minute."""
        (self._sessions if principal.scopes is None else self.api_tokens).seen(principal.session_id)

    # ── ways out ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def sessions_of(self, user_id: str) -> list[Session]:
        """The person's sessions that are not over, the last used first."""
        now = self._runtime.utcnow()
        return [session for session in await self._sessions.of_user(user_id) if session.expires_at() > now]

    async def revoke(self, session_id: str) -> None:
        """End a session from elsewhere; on return it is refused here and its sockets have been told."""
        await self._sessions.revoke([session_id])

    async def sign_out(self, principal: Principal, user_agent: str) -> None:
        """End the session at its own person's wish."""
        await self._sessions.end([principal.session_id])
        await self.audit.record("signed_out", principal.user_id, session_id=principal.session_id, user_agent=user_agent)

    async def revoke_all(self, user_id: str, *, keep: Collection[str] | None = None) -> int:
        """End all sessions of a person, all that wait to begin, and their API tokens; returns how many sessions.

        With `keep` those sessions stay, and the API tokens, too: the person is still in charge.
        """
        if keep is None:
            await self.api_tokens.revoke_all(user_id)
        await self._pending.forget(user_id)
        sessions = await self._sessions.of_user(user_id)
        return await self._sessions.revoke([session.id for session in sessions if session.id not in (keep or ())])

    def forget(self, session_id: str) -> None:
        """Another process ended the session: do not believe in it any more."""
        self._sessions.forget(session_id)
        self.api_tokens.forget(session_id)

    # ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _begin(self, user: User, user_agent: str) -> SignedIn:
        signed_in = new_session(user, user_agent, self._runtime)
        await self._sessions.add(signed_in.session)
        return signed_in

    async def _renew_hash(self, account: Account, password: str) -> Account:
        """The account with a hash as they are made now."""
        if account.password_hash is None or not self._passwords.outdated(account.password_hash):
            return account
        new = await self._passwords.hash(password)
        # only in the place of the one that was checked: the person may be choosing another password meanwhile
        done = await self._accounts.swap_password_hash(account.user.id, account.password_hash, new)
        return replace(account, password_hash=new) if done else account

    async def _is_still_right(self, account: Account, password: str) -> bool:
        """Whether the password is that of the account at this moment, not only when it was looked up."""
        now = await self._accounts.by_id(account.user.id)
        if now is None or now.user.disabled:
            return False
        if now.password_hash == account.password_hash:
            return True
        # another sign-in may have renewed the hash of the same password
        return await self._passwords.verify(password, now.password_hash)
