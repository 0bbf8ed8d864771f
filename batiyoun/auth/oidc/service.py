"""Rules of signing in through another provider, and of linking the account that somebody has there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from batiyoun.auth.attempts import Attempts
from batiyoun.auth.model import Principal, SignedIn
from batiyoun.auth.oidc.model import (
    GOOGLE,
    MAX_USERNAME,
    SIGNUP_LIFETIME,
    Claims,
    Identity,
    Intent,
    name_of,
    safe_next,
    username_near,
)
from batiyoun.auth.oidc.store import IdentityStore, InvalidAnswer, Provider
from batiyoun.auth.sealing import Sealer, Unsealable
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore
from batiyoun.auth.tickets import SignupTickets
from batiyoun.errors import (
    AddressUnverified,
    EmailTaken,
    IdentityTaken,
    NotFound,
    ProviderRefused,
    SignInOver,
    SignupClosed,
    Unauthenticated,
)
from batiyoun.runtime import Runtime
from batiyoun.users.model import User, fold

log = logging.getLogger(__name__)

#: of what is sealed into the cookie of a sign-up form
_PLACE = "oidc signup"
#: RFC 5321 §4.5.3.1.3 without the angle brackets
MAX_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and the secret for its cookie."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser came back with, as it stands in the address."""

    state: str
    code: str | None
    error: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class Journey:
    """What was begun in this browser and comes back now. `session_id` is whose account is to be linked."""

    intent: Intent
    session_id: str
    next: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom the provider knows and we do not: `sealed` is for the cookie of their sign-up form."""

    sealed: str


@dataclass(frozen=True, slots=True)
class PendingSignup:
    """Somebody who fills in the sign-up form, until it is over."""

    claims: Claims
    expires_at: datetime


class SignInElsewhere:
    """Takes people to the provider and back.

    A person here is known by issuer and subject alone. An address proves nothing about an account that exists: it is
    linked from inside, after signing in, never because the addresses are equal (security check 13).
    """

    def __init__(
        self,
        *,
        provider: Provider,
        name: str | None,
        identities: IdentityStore,
        accounts: AccountStore,
        attempts: Attempts,
        tickets: SignupTickets,
        sealer: Sealer,
        auth: AuthService,
        runtime: Runtime,
        mail_is_a_way_in: bool,
    ) -> None:
        """`name` is what people call the provider."""
        self._provider = provider
        self._identities = identities
        self._accounts = accounts
        self._attempts = attempts
        self._tickets = tickets
        self._sealer = sealer
        self._auth = auth
        self._runtime = runtime
        self._mail_is_a_way_in = mail_is_a_way_in
        self.name = name or name_of(provider.issuer)
        self.cookie_name = "__Host-batiyoun-oidc" if auth.secure else "batiyoun-oidc"
        self.signup_cookie_name = "__Host-batiyoun-signup" if auth.secure else "batiyoun-signup"

    async def close(self) -> None:
        """Hang up."""
        await self._provider.close()

    # ── there and back ────────────────────────────────────────────────────────────────────────────────────────────────

    async def depart(
        self, intent: Intent, next_: str | None, *, browser: str | None, principal: Principal | None = None
    ) -> Departure:
        """Send the browser to the provider; `browser` is the secret in its cookie until now.

        `principal` is whose account is to be linked. Raises `ProviderUnavailable`, `Unavailable`.
        """
        whose = principal.session_id if principal else ""
        begun = await self._attempts.begin("oidc", "", browser, f"{intent}:{whose}:{safe_next(next_)}")
        state = _encode(begun.challenge)
        address = await self._provider.address(
            state=state,
            nonce=_derive("nonce", begun.browser, state),
            verifier=_derive("verifier", begun.browser, state),
        )
        return Departure(address, begun.browser)

    async def returned(self, state: str, browser: str | None) -> Journey:
        """What this browser had begun; it is used up, whatever comes of it.

        Raises `SignInOver` when it did not begin that, or not lately.
        """
        about = await self._attempts.finish("oidc", "", browser, _decode(state))
        if about is None or browser is None:
            raise SignInOver
        intent, session_id, next_ = about.split(":", 2)
        return Journey(
            intent="link" if intent == "link" else "login",
            session_id=session_id,
            next=next_,
            nonce=_derive("nonce", browser, state),
            verifier=_derive("verifier", browser, state),
        )

    async def sign_in(
        self, journey: Journey, answer: Answer, *, before: Principal | None, user_agent: str
    ) -> SignedIn | Newcomer:
        """Sign in whoever the provider says it is; the session `before` ends.

        Raises `ProviderRefused` (somebody said no, or the answer does not verify), `ProviderUnavailable`, `EmailTaken`,
        `AddressUnverified` (the provider tells no address), `SignupClosed`, `SecondFactorRequired`, `Unavailable`.
        """
        claims = await self._claims(journey, answer)
        identity = await self._identities.find(claims.issuer, claims.subject)
        if identity is not None:
            user = await self._auth.person(identity.user_id)
            if user is None:
                raise ProviderRefused

            async def holds() -> bool:
                return await self._identities.find(claims.issuer, claims.subject) is not None

            return await self._auth.sign_in(user, user_agent, proof="oidc", replaces=before, holds=holds)
        if claims.email is None:
            raise AddressUnverified
        # an address that the provider did not check must not tell who has an account here
        if claims.email_verified and await self._accounts.by_identifier(claims.email) is not None:
            raise EmailTaken
        if self._auth.admissions.policy == "closed":
            raise SignupClosed
        return Newcomer(self._seal(claims))

    async def link(self, journey: Journey, answer: Answer, *, principal: Principal | None, user_agent: str) -> None:
        """From now on the person can sign in with the account that they have at the provider.

        Raises `Unauthenticated` when another session came back than went, `AddressUnverified`, `IdentityTaken`,
        `ProviderRefused`, `ProviderUnavailable`, `Unavailable`.
        """
        if principal is None or principal.session_id != journey.session_id:
            raise Unauthenticated
        claims = await self._claims(journey, answer)
        if not claims.email_verified:
            raise AddressUnverified
        known = await self._identities.find(claims.issuer, claims.subject)
        if known is not None:
            if known.user_id != principal.user_id:
                raise IdentityTaken
            return
        await self._identities.add(self._identity(principal.user_id, claims))
        await self._auth.audit.record(
            "identity_linked", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )

    async def _claims(self, journey: Journey, answer: Answer) -> Claims:
        if not await self._provider.accepts_issuer(answer.issuer):
            # RFC 9207 §2.4: the answer of another provider, mixed up with this one's
            raise ProviderRefused
        if answer.error is not None or answer.code is None:
            raise ProviderRefused
        try:
            claims = await self._provider.redeem(answer.code, nonce=journey.nonce, verifier=journey.verifier)
        except InvalidAnswer as exc:
            log.warning("a sign-in at the provider was refused: %s", exc)
            raise ProviderRefused from exc
        email = _normal(claims.email)
        return replace(claims, email=email, email_verified=claims.email_verified and email is not None)

    # ── signing up ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def suggest_username(self, claims: Claims) -> str:
        """A username that is free right now, near to what the person is called elsewhere."""
        base = username_near(claims.nickname or (claims.email or "").partition("@")[0])
        for number in ("", *map(str, range(2, 10))):
            name = base[: MAX_USERNAME - len(number)] + number
            if not await self._auth.username_taken(name):
                return name
        return f"{base[: MAX_USERNAME - 6]}{int.from_bytes(self._runtime.random_bytes(3)) % 1_000_000:06d}"

    def pending(self, sealed: str | None) -> PendingSignup:
        """Who waits behind the sign-up cookie of this browser. Raises `SignInOver`."""
        try:
            kept = json.loads(self._sealer.open(_decode(sealed or ""), _PLACE))
        except (Unsealable, ValueError):
            raise SignInOver from None
        pending = PendingSignup(Claims(**kept["claims"]), datetime.fromisoformat(kept["expiresAt"]))
        if pending.expires_at <= self._runtime.utcnow():
            raise SignInOver
        return pending

    async def signup(
        self,
        sealed: str | None,
        *,
        username: str,
        display_name: str | None,
        invite: str | None,
        ticket: str | None,
        user_agent: str,
    ) -> SignedIn:
        """Make the account of whoever waits behind the cookie, and sign it in.

        An address that the provider did not check has to be proved with a `ticket` where that is asked for. Raises
        `SignInOver`, `AddressUnverified`, and what `AuthService.register` raises.
        """
        claims = self.pending(sealed).claims
        email, verified = claims.email or "", claims.email_verified
        if not verified:
            proved = await self._tickets.check(ticket, email)
            email, verified = proved.email, proved.verified
        user_id = self._runtime.new_id()
        user = User(
            id=user_id,
            username=username,
            display_name=display_name or username,
            email=email,
            avatar=None,
            bio="",
            provider="google" if claims.issuer == GOOGLE else "oidc",
            verified=verified,
            disabled=False,
            created_at=self._runtime.utcnow(),
        )
        identity = self._identity(user_id, claims)
        made = await self._auth.register(user, None, invite=invite, user_agent=user_agent, by="oidc", way_in=identity)
        await self._tickets.spend(ticket)
        return await self._auth.sign_in(made, user_agent, proof="oidc")

    # ── one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def of_user(self, user_id: str) -> list[Identity]:
        """The person's identities, the eldest first."""
        return await self._identities.of_user(user_id)

    def called(self, identity: Identity) -> str:
        """What people call the provider of that identity."""
        return self.name if identity.issuer == self._provider.issuer else name_of(identity.issuer)

    async def unlink(self, principal: Principal, identity_id: str, user_agent: str) -> None:
        """Forget one of the person's identities. Raises `NotFound`, `LastWayIn`."""
        if identity_id not in {identity.id for identity in await self.of_user(principal.user_id)}:
            raise NotFound
        if await self._identities.remove(principal.user_id, identity_id, may_be_last=self._mail_is_a_way_in):
            await self._auth.audit.record(
                "identity_unlinked", principal.user_id, session_id=principal.session_id, user_agent=user_agent
            )

    # ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _identity(self, user_id: str, claims: Claims) -> Identity:
        return Identity(
            self._runtime.new_id(), user_id, claims.issuer, claims.subject, claims.email or "", self._runtime.utcnow()
        )

    def _seal(self, claims: Claims) -> str:
        until = self._runtime.utcnow() + SIGNUP_LIFETIME
        kept = {"claims": asdict(claims), "expiresAt": until.isoformat()}
        return _encode(self._sealer.seal(json.dumps(kept).encode(), _PLACE))


def _derive(what: str, browser: str, state: str) -> str:
    """43 characters that only the browser with that secret makes of `state`: nothing of them is kept anywhere."""
    return _encode(hashlib.sha256(f"{what} {browser} {state}".encode()).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    """The bytes, or none for what is not base64url."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _normal(email: str | None) -> str | None:
    """The address as ours are written; None when it is none."""
    if email is None:
        return None
    try:
        normal = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
    return normal if len(fold(normal)) <= MAX_EMAIL else None
