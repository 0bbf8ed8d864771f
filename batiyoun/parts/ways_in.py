"""The ways into an account besides the password: the second factor, passkeys, other providers, and proving again."""

from __future__ import annotations

from typing import Any

from batiyoun.audit.service import Audit
from batiyoun.auth.attempts import Attempts
from batiyoun.auth.challenges import Challenges
from batiyoun.auth.oidc.service import SignInElsewhere
from batiyoun.auth.oidc.store import Provider
from batiyoun.auth.passkeys.relying_party import RelyingParty
from batiyoun.auth.passkeys.service import Passkeys
from batiyoun.auth.sealing import Sealer
from batiyoun.auth.second_factor.codes import issuer_of
from batiyoun.auth.second_factor.pending import PendingLogins
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.service import AuthService
from batiyoun.auth.step_up.codes import StepUpCodes
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.store import AccountStore, TokenStore
from batiyoun.auth.throttle import Throttle
from batiyoun.auth.tickets import SignupTickets
from batiyoun.mail.service import Post
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.identities import SqlIdentityStore
from batiyoun.storage.sql.passkeys import SqlPasskeyStore
from batiyoun.storage.sql.second_factor import SqlPendingStore, SqlSecondFactorStore


class WaysIn:
    """The parts, as `state` gives them to the routes. `pending` goes into the `AuthService`, which `join` takes."""

    passkeys: Passkeys
    elsewhere: SignInElsewhere | None
    step_up: StepUp

    def __init__(
        self,
        settings: Settings,
        database: Database,
        runtime: Runtime,
        *,
        sealing_key: bytes,
        throttle: Throttle,
        audit: Audit,
    ) -> None:
        """Raises `ValueError` when the key is none (see `Sealer`)."""
        self._settings = settings
        self._database = database
        self._runtime = runtime
        self._sealer = Sealer(sealing_key, runtime)
        self.second_factors = SecondFactors(
            SqlSecondFactorStore(database),
            sealer=self._sealer,
            throttle=throttle,
            audit=audit,
            runtime=runtime,
            issuer=issuer_of(settings.base_url()),
        )
        self.pending = PendingLogins(SqlPendingStore(database), self.second_factors, runtime)

    def join(
        self,
        auth: AuthService,
        *,
        accounts: AccountStore,
        tokens: TokenStore,
        tickets: SignupTickets,
        challenges: Challenges,
        post: Post,
    ) -> None:
        """`auth` is there now. Where letters reach people, who has no other way in can ask for a code."""
        mails = post.reaches_people
        settings, attempts = self._settings, Attempts(tokens, self._runtime)
        self.passkeys = Passkeys(
            party=RelyingParty.at(settings.public_url, settings.base_url(), loopback=settings.loopback),
            store=SqlPasskeyStore(self._database),
            attempts=attempts,
            auth=auth,
            audit=auth.audit,
            runtime=self._runtime,
            mail_is_a_way_in=mails,
        )
        provider = _open_provider(settings, self._runtime)
        self.elsewhere = None
        if provider is not None:
            self.elsewhere = SignInElsewhere(
                provider=provider,
                name=settings.oidc_name,
                identities=SqlIdentityStore(self._database),
                accounts=accounts,
                attempts=attempts,
                tickets=tickets,
                sealer=self._sealer,
                auth=auth,
                runtime=self._runtime,
                mail_is_a_way_in=mails,
            )
        codes = StepUpCodes(auth=auth, challenges=challenges, post=post, place=settings.base_url())
        self.step_up = StepUp(auth, self.second_factors, self.passkeys, codes)

    def state(self) -> dict[str, Any]:
        """What the routes look for."""
        return {
            "second_factors": self.second_factors,
            "passkeys": self.passkeys,
            "elsewhere": self.elsewhere,
            "step_up": self.step_up,
        }

    async def close(self) -> None:
        """Hang up."""
        if self.elsewhere is not None:
            await self.elsewhere.close()


def _open_provider(settings: Settings, runtime: Runtime) -> Provider | None:
    """The OpenID provider of these settings; nothing is asked of it yet."""
    if settings.oidc_client_id is None:
        return None
    # its libraries take half a second to load, which only those wait who use them
    from batiyoun.auth.oidc.provider import OidcProvider  # noqa: PLC0415

    return OidcProvider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        redirect_uri=f"{settings.base_url()}/api/auth/google/callback",
        ca=settings.oidc_ca,
        runtime=runtime,
    )
