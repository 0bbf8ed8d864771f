"""Who may have an account here: everybody, whoever is invited, or nobody but whom the operator adds."""

from __future__ import annotations

from batiyoun.auth.model import Admission, SignupPolicy
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token
from batiyoun.auth.store import AccountStore
from batiyoun.errors import InviteInvalid, InviteRequired, SignupClosed


class Admissions:
    """Decides before an account is made; the store decides again, with the account, so that races change nothing."""

    def __init__(self, accounts: AccountStore, policy: SignupPolicy) -> None:
        self._accounts = accounts
        self.policy = policy
        self._somebody = False

    async def first(self) -> bool:
        """Whether nobody has an account here yet. Raises `Unavailable`."""
        # accounts never disappear, so one look that finds somebody is enough
        self._somebody = self._somebody or await self._accounts.any()
        return not self._somebody

    async def admit(self, invite: str | None) -> Admission:
        """What lets a person with this invitation code (or none) in.

        Where one needs an invitation, the first account needs none: nobody could have invited its owner. Raises
        `SignupClosed`, `InviteRequired`, `InviteInvalid` (not the form of a code), `Unavailable`.
        """
        if self.policy == "closed":
            raise SignupClosed
        if invite is not None:
            if len(invite) != SECRET_LENGTH:
                raise InviteInvalid
            return Admission(invite=hash_token(invite))
        if self.policy == "open":
            return Admission()
        if not await self.first():
            raise InviteRequired
        return Admission(only_first=True)
