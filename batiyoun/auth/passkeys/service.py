"""Rules of passkeys: made by people who are signed in or sign up, used to sign in and to prove again who one is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from batiyoun.audit.model import AuditKind
from batiyoun.audit.service import Audit
from batiyoun.auth.attempts import Attempts, Begun
from batiyoun.auth.model import Principal, SignedIn, TokenPurpose
from batiyoun.auth.passkeys.model import MAX_PASSKEYS, NewPasskey, Passkey
from batiyoun.auth.passkeys.relying_party import Credential, Owner, RelyingParty, challenge_of, credential_id_of
from batiyoun.auth.passkeys.store import PasskeyStore
from batiyoun.auth.service import AuthService
from batiyoun.errors import Conflict, InvalidPasskey, NotFound
from batiyoun.runtime import Runtime
from batiyoun.users.model import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """Where a request comes from: the Host header, the secret in the browser's cookie, and the User-Agent header."""

    host: str
    browser: str | None
    user_agent: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Options for the browser, and the secret for its cookie."""

    options: dict[str, Any]
    browser: str


class Passkeys:
    """Makes passkeys and accepts them. Without a relying party (the server has no domain) there are none."""

    def __init__(
        self,
        *,
        party: RelyingParty | None,
        store: PasskeyStore,
        attempts: Attempts,
        auth: AuthService,
        audit: Audit,
        runtime: Runtime,
        mail_is_a_way_in: bool,
    ) -> None:
        """`mail_is_a_way_in`: whoever has no other way in can ask for a code by mail."""
        self._party = party
        self._store = store
        self._attempts = attempts
        self._auth = auth
        self._audit = audit
        self._runtime = runtime
        self._mail_is_a_way_in = mail_is_a_way_in
        self.secure = auth.secure
        self.cookie_name = "__Host-batiyoun-passkey" if auth.secure else "batiyoun-passkey"

    def works_at(self, host: str) -> bool:
        """Whether pages that send requests to this Host header can use passkeys."""
        return self._party is not None and self._party.origin_for(host) is not None

    # ── one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def of_user(self, user_id: str) -> list[Passkey]:
        """The person's passkeys, the eldest first."""
        return await self._store.of_user(user_id)

    async def creation_options(self, principal: Principal, user: User, page: Page) -> Asked:
        """What the browser needs to make one. Raises `Conflict` when the person has enough."""
        known = await self._store.of_user(user.id)
        if len(known) >= MAX_PASSKEYS:
            raise Conflict(f"You have {MAX_PASSKEYS} passkeys. Remove one before you add another.")
        begun = await self._begin("passkey_new", principal.session_id, page)
        owner = Owner(user.id, user.username, user.display_name)
        return Asked(self._here.creation_options(owner, begun.challenge, known), begun.browser)

    async def add(self, principal: Principal, credential: Credential, name: str, page: Page) -> Passkey:
        """Keep the one that the browser made. Raises `InvalidPasskey`, `PasskeyKnown`, `Unavailable`."""
        made, _ = await self._check_creation("passkey_new", principal.session_id, credential, page)
        passkey = self.passkey_of(principal.user_id, name, made)
        await self._store.add(passkey)
        await self._audit.record(
            "passkey_added", principal.user_id, session_id=principal.session_id, user_agent=page.user_agent
        )
        return passkey

    async def rename(self, principal: Principal, passkey_id: str, name: str) -> Passkey:
        """Raises `NotFound`."""
        passkey = await self._store.rename(principal.user_id, passkey_id, name)
        if passkey is None:
            raise NotFound
        return passkey

    async def remove(self, principal: Principal, passkey_id: str, user_agent: str) -> None:
        """Raises `NotFound`, and `LastWayIn` when the person could not sign in any more."""
        if not await self._store.remove(principal.user_id, passkey_id, may_be_last=self._mail_is_a_way_in):
            raise NotFound
        await self._audit.record(
            "passkey_removed", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )

    # ── signing up and in ─────────────────────────────────────────────────────────────────────────────────────────────

    async def signup_options(self, username: str, display_name: str | None, page: Page) -> Asked:
        """What the browser needs to make the passkey of an account that does not exist yet."""
        user_id = self._runtime.new_id()
        begun = await self._begin("passkey_signup", "", page, about=user_id)
        owner = Owner(user_id, username, display_name or username)
        return Asked(self._here.creation_options(owner, begun.challenge, ()), begun.browser)

    async def check_signup(self, credential: Credential, page: Page) -> Passkey:
        """The first passkey of a new person, with the id they must get. Raises `InvalidPasskey`, `Unavailable`."""
        made, user_id = await self._check_creation("passkey_signup", "", credential, page)
        return self.passkey_of(user_id, "", made)

    async def login_options(self, page: Page) -> Asked:
        """What the browser needs to offer the person's passkeys; nobody is named."""
        begun = await self._begin("passkey_login", "", page)
        return Asked(self._here.request_options(begun.challenge), begun.browser)

    async def login(self, credential: Credential, page: Page, *, replaces: Principal | None) -> SignedIn:
        """Sign in; the session `replaces` ends.

        Raises `InvalidPasskey`, `InvalidLogin` (it was removed in this very moment), `Unavailable`.
        """
        passkey = await self._use("passkey_login", "", credential, page)
        user = await self._auth.person(passkey.user_id)
        if user is None:
            raise InvalidPasskey

        async def holds() -> bool:
            return await self._store.by_credential(passkey.made.credential_id) is not None

        return await self._auth.sign_in(user, page.user_agent, proof="passkey", replaces=replaces, holds=holds)

    # ── proving again ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def step_up_options(self, principal: Principal, page: Page) -> Asked:
        """What the browser needs to ask for one of this person's passkeys. Raises `Conflict` when they have none."""
        known = await self._store.of_user(principal.user_id)
        if not known:
            raise Conflict("You have no passkey. Confirm in another way.")
        begun = await self._begin("passkey_step_up", principal.session_id, page)
        return Asked(self._here.request_options(begun.challenge, known), begun.browser)

    async def check(self, principal: Principal, credential: Credential, page: Page) -> None:
        """Whether it is a passkey of this person, asked for in this session. Raises `InvalidPasskey`, `Unavailable`."""
        await self._use("passkey_step_up", principal.session_id, credential, page, of=principal.user_id)

    # ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _here(self) -> RelyingParty:
        if self._party is None:
            raise Conflict("Passkeys need a domain. Open Batiyoun at its own address.")
        return self._party

    async def _begin(self, purpose: TokenPurpose, whose: str, page: Page, about: str = "") -> Begun:
        if not self.works_at(page.host):
            raise Conflict("Passkeys need a domain. Open Batiyoun at its own address.")
        return await self._attempts.begin(purpose, whose, page.browser, about)

    async def _finish(self, purpose: TokenPurpose, whose: str, page: Page, challenge: bytes) -> str:
        about = await self._attempts.finish(purpose, whose, page.browser, challenge)
        if about is None:
            raise InvalidPasskey
        return about

    async def _check_creation(
        self, purpose: TokenPurpose, whose: str, credential: Credential, page: Page
    ) -> tuple[NewPasskey, str]:
        challenge = challenge_of(credential)
        about = await self._finish(purpose, whose, page, challenge)
        return self._here.check_creation(credential, challenge, page.host), about

    def passkey_of(self, user_id: str, name: str, made: NewPasskey) -> Passkey:
        """A passkey as it is kept."""
        return Passkey(self._runtime.new_id(), user_id, name, made, self._runtime.utcnow(), last_used_at=None)

    async def _use(
        self, purpose: TokenPurpose, whose: str, credential: Credential, page: Page, *, of: str | None = None
    ) -> Passkey:
        challenge = challenge_of(credential)
        await self._finish(purpose, whose, page, challenge)
        passkey = await self._store.by_credential(credential_id_of(credential))
        if passkey is None or of not in {None, passkey.user_id}:
            raise InvalidPasskey
        try:
            count = self._here.check_use(credential, challenge, page.host, passkey, named=of is None)
            await self._count(passkey, count)
        except InvalidPasskey:
            kind: AuditKind = "sign_in_failed" if of is None else "step_up_failed"
            self._audit.note(kind, passkey.user_id, user_agent=page.user_agent, details={"by": "passkey"})
            raise
        return passkey

    async def _count(self, passkey: Passkey, count: int) -> None:
        if not await self._store.used(passkey.id, count, self._runtime.utcnow()):
            log.warning("the counter of a passkey did not grow: its authenticator may have been copied")
            raise InvalidPasskey
