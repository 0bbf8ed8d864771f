"""Which chats without encryption are still written in, on a server whose chats are encrypted.

People's old chats are there to be read: what they say from now on goes into an encrypted one. A chat that a program
takes part in, through the API token of a member, stays as it is, because the program has no device that could decrypt.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from batiyoun.chats.model import Chat
from batiyoun.errors import EncryptionRequired

#: of these user ids, the ones that an API token speaks for
Programs = Callable[[Collection[str]], Awaitable[set[str]]]


async def nobody(_: Collection[str]) -> set[str]:
    """No program at all."""
    return set()


class Openness:
    """`encrypts`: new chats are end-to-end encrypted; `plaintext_too`: people may make and use others as well."""

    def __init__(self, programs: Programs = nobody, *, encrypts: bool = False, plaintext_too: bool = False) -> None:
        self._programs = programs
        #: whether any chat may be closed at all
        self.closes = encrypts and not plaintext_too

    async def closed(self, chats: Collection[Chat]) -> set[str]:
        """The ids of those of these chats that are there to be read. Raises `Unavailable`."""
        plain = [chat for chat in chats if chat.encryption == "none"] if self.closes else []
        if not plain:
            return set()
        served = await self._programs({user_id for chat in plain for user_id in chat.members})
        return {chat.id for chat in plain if served.isdisjoint(chat.members)}

    async def check(self, chat: Chat | None, user_id: str) -> None:
        """Raises `EncryptionRequired` if this member may not write into the chat any more, `Unavailable`.

        Whoever is no member learns nothing here.
        """
        if chat is not None and user_id in chat.members and await self.closed([chat]):
            raise EncryptionRequired("This chat is from before encryption. Go on in the encrypted one.")
