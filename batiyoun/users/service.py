"""Rules about people: who is shown, and how they are found."""

from __future__ import annotations

import re
from collections.abc import Collection

from batiyoun.errors import UserNotFound
from batiyoun.users.model import MAX_KEY, ProfileChange, PublicUser, User, fold, public_user
from batiyoun.users.store import UserStore

MAX_RESULTS = 50
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_user_id(value: str) -> bool:
    """Whether the text has the form of an id; others need not be looked up."""
    return _UUID.fullmatch(value) is not None


def _shown(user: User) -> bool:
    return user.deleted or not user.disabled


class UserService:
    """Profiles and search."""

    def __init__(self, store: UserStore) -> None:
        self._store = store

    async def get(self, user_id: str) -> User:
        """The person of that id. Raises `UserNotFound` for unknown, malformed and disabled ones alike."""
        user = await self._store.get(user_id) if is_user_id(user_id) else None
        if user is None or user.disabled:
            raise UserNotFound
        return user

    async def profile(self, user_id: str) -> User:
        """As `get`, and who deleted their account, too: what they wrote is still read. Raises `UserNotFound`."""
        for user in await self.profiles([user_id]):
            return user
        raise UserNotFound

    async def profiles(self, user_ids: Collection[str]) -> list[User]:
        """Those of the people whom one may see, the deleted among them; in the order of `user_ids`, nobody twice."""
        wanted = [user_id for user_id in dict.fromkeys(user_ids) if is_user_id(user_id)]
        found = await self._store.get_many(wanted) if wanted else {}
        return [found[user_id] for user_id in wanted if user_id in found and _shown(found[user_id])]

    async def get_many(self, user_ids: Collection[str]) -> dict[str, User]:
        """Those of the people who exist and are not disabled, by id."""
        wanted = {user_id for user_id in user_ids if is_user_id(user_id)}
        found = await self._store.get_many(wanted) if wanted else {}
        return {user_id: user for user_id, user in found.items() if not user.disabled}

    async def search(self, query: str, limit: int = 20) -> list[User]:
        """People whose username or display name begins with `query`, in any case and script; at most `limit` ≤ 50."""
        prefix = fold(query.strip().removeprefix("@"))[:MAX_KEY].strip()
        if not prefix:
            return []
        return await self._store.search(prefix, max(1, min(limit, MAX_RESULTS)))

    async def rename(self, user_id: str, username: str) -> User:
        """Give oneself another username, checked by `users.model`; who shows the username shows the new one.

        The old one is free at once. Raises `UsernameTaken`, `UserNotFound`.
        """
        user = await self._store.rename(user_id, username)
        if user is None:
            raise UserNotFound
        return user

    async def set_avatar(self, user_id: str, avatar: str | None) -> tuple[User, str | None]:
        """Show another picture, or none; the person as they are now, and the picture until now. Raises `UserNotFound`.

        Of several at once each gets the one before it, so that every picture that nobody shows is told to somebody.
        """
        done = await self._store.set_avatar(user_id, avatar)
        if done is None:
            raise UserNotFound
        return done

    async def update(self, user_id: str, change: ProfileChange) -> User:
        """Change one's own profile. The values have been checked by `users.model`. Raises `UserNotFound`."""
        user = await self._store.update(user_id, change)
        if user is None:
            raise UserNotFound
        return user

    def public(self, user: User) -> PublicUser:
        """The person as everybody sees them."""
        return public_user(user)
