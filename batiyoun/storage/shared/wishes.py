"""Whether a chat that is there was made by this very wish."""

from __future__ import annotations

from batiyoun.chats.model import NewChat
from batiyoun.errors import ClientIdReused


def check_retry(chat: NewChat, creator_id: str, digest: bytes | None, *, repeated: bool) -> None:
    """The chat of that id has this creator and digest. Raises `ClientIdReused` unless `chat` is the same wish.

    `repeated`: the store itself asked twice, because a connection broke; without digests only that makes a retry.
    """
    same = creator_id == chat.creator_id and digest == chat.digest
    if not same or (digest is None and not repeated):
        raise ClientIdReused("This id is taken. Make a new one.")
