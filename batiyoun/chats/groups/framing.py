"""What a commit says it does, read from its public framing; pure. What it is allowed to do is in rules.py."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

import msgspec

from batiyoun.chats.groups.model import MAX_ADDS, Leaf, Place, Sealed
from batiyoun.errors import MlsInvalid
from batiyoun.wire.mls import MlsError, parse
from batiyoun.wire.mls import model as mls

#: the only suite: X-Wing, AES-256-GCM, SHA-512, Ed25519
SUITE = 83


@dataclass(frozen=True, slots=True)
class Device:
    """Who a leaf speaks for, as its credential says; `mark` as in `Leaf`."""

    user_id: str
    device_id: str
    signature_key: bytes
    mark: bytes

    @property
    def name(self) -> tuple[str, str]:
        """(user, device)."""
        return (self.user_id, self.device_id)


@dataclass(frozen=True, slots=True)
class Move:
    """A commit: where it begins, what it says it does, and the leaves after it by index.

    `base` is None for a new group, `sender` the committer's leaf (None: a new group, or from outside), `entering` who
    comes in from outside, `path` the committer's own leaf where the commit renews it.
    """

    base: Place | None
    generation: int
    epoch: int
    sender: int | None
    entering: Device | None
    path: Device | None
    added: tuple[Device, ...]
    removed: tuple[int, ...]
    after: dict[int, Device]


class _Certificate(msgspec.Struct):
    """The names in a device certificate; what proves them is with the directory."""

    user: str
    device: str


_certificate = msgspec.json.Decoder(_Certificate).decode


def group_id(chat_id: str, generation: int) -> bytes:
    """The MLS group id of a chat's group."""
    return f"{chat_id}/{generation}".encode()


def generation_of(raw: bytes, chat_id: str) -> int | None:
    """The generation that a group id names; None for one of another chat."""
    head, _, tail = raw.partition(b"/")
    if head != chat_id.encode() or not tail.isdigit() or len(tail) > 9 or tail.startswith(b"0"):
        return None
    return int(tail)


def sealed_in(encoded: str, chat_id: str) -> Sealed:
    """Which epoch of the chat's group an encrypted message is of; without a place for what is no such message."""
    try:
        message = parse(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, MlsError):
        return Sealed(None)
    if not isinstance(message, mls.PrivateMessage) or message.content_type is not mls.ContentType.APPLICATION:
        return Sealed(None)
    generation = generation_of(message.group_id, chat_id)
    return Sealed(None if generation is None or message.epoch >> 62 else (generation, message.epoch))


def read_move(chat_id: str, commit: bytes | None, group_info: bytes, welcome: bytes | None) -> Move:
    """What these bytes do together. Raises `MlsInvalid` unless they belong together and are of this chat."""
    info = _parsed(group_info)
    if not isinstance(info, mls.GroupInfo) or info.suite != SUITE or not info.external_pub or not info.leaves:
        raise _invalid("groupInfo", "not a GroupInfo of the suite, with its tree and an external key")
    generation = generation_of(info.group_id, chat_id)
    if generation is None or info.epoch >> 62:
        raise _invalid("groupInfo", "of another chat")
    after = {index: _device(leaf) for index, leaf in enumerate(info.leaves) if leaf is not None}
    if len({device.name for device in after.values()}) != len(after):
        raise _invalid("groupInfo", "a device is in it twice")
    if commit is None:
        if info.epoch != 0 or len(after) != 1 or welcome is not None:
            raise _invalid("groupInfo", "a new group has one device and begins with epoch 0")
        return Move(None, generation, 0, None, None, None, (), (), after)
    message = _commit(commit, info)
    added = tuple(_added(each) for each in message.proposals if isinstance(each, mls.Add))
    removed = tuple(each.leaf_index for each in message.proposals if isinstance(each, mls.Remove))
    if len(added) > MAX_ADDS:
        raise _invalid("commit", f"brings in more than {MAX_ADDS} devices")
    if len(set(removed)) != len(removed):
        raise _invalid("commit", "takes a leaf out twice")
    _check_welcome(welcome, message)
    path = None if message.path_leaf is None else _device(message.path_leaf)
    entering = None if message.sender_type is mls.SenderType.MEMBER else path
    base = (generation, message.epoch)
    return Move(base, generation, info.epoch, message.sender_leaf, entering, path, added, removed, after)


def _commit(raw: bytes, info: mls.GroupInfo) -> mls.PublicMessage:
    message = _parsed(raw)
    if not isinstance(message, mls.PublicMessage) or message.content_type is not mls.ContentType.COMMIT:
        raise _invalid("commit", "not a public commit")
    if (message.group_id, message.epoch + 1) != (info.group_id, info.epoch):
        raise _invalid("groupInfo", "not of the epoch after the commit")
    kinds = {type(each) for each in message.proposals}
    if message.sender_type is mls.SenderType.MEMBER:
        if not kinds <= {mls.Add, mls.Remove}:
            raise _invalid("commit", "does more than adding and removing")
    elif message.sender_type is not mls.SenderType.NEW_MEMBER_COMMIT or message.path_leaf is None:
        raise _invalid("commit", "of nobody")
    elif not kinds <= {mls.ExternalInit, mls.Remove} or _inits(message) != 1:
        raise _invalid("commit", "does more than coming in")
    return message


def _inits(message: mls.PublicMessage) -> int:
    return sum(isinstance(each, mls.ExternalInit) for each in message.proposals)


def _added(proposal: mls.Add) -> Device:
    if proposal.key_package.suite != SUITE:
        raise _invalid("commit", "a key package of another suite")
    return _device(proposal.key_package.leaf)


def _check_welcome(raw: bytes | None, message: mls.PublicMessage) -> None:
    wanted = {each.key_package.ref for each in message.proposals if isinstance(each, mls.Add)}
    if raw is None:
        if wanted:
            raise _invalid("welcome", "missing")
        return
    if not wanted:  # also one that is well-formed and for nobody: it would wait for nobody
        raise _invalid("welcome", "the commit brings nobody in")
    welcome = _parsed(raw)
    if not isinstance(welcome, mls.Welcome) or welcome.suite != SUITE or set(welcome.refs) != wanted:
        raise _invalid("welcome", "not for those whom the commit brings in")


def _device(leaf: mls.Leaf) -> Device:
    if leaf.identity is None:
        raise _invalid("groupInfo", "a leaf without a device certificate")
    try:
        named = _certificate(leaf.identity)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid("groupInfo", "a leaf without a device certificate") from error
    return Device(named.user, named.device, leaf.signature_key, mark_of(leaf.identity, leaf.signature_key))


def mark_of(credential: bytes, signature_key: bytes) -> bytes:
    """The mark of a leaf (`Leaf.mark`)."""
    return hashlib.blake2b(signature_key + credential, digest_size=16).digest()


def leaves_of(after: dict[int, Device]) -> tuple[Leaf, ...]:
    """As they are kept."""
    return tuple(Leaf(index, device.user_id, device.device_id, device.mark) for index, device in sorted(after.items()))


def _parsed(raw: bytes) -> mls.MlsMessage:
    try:
        return parse(raw)
    except MlsError as error:
        raise MlsInvalid(fields={"commit": str(error)}) from error


def _invalid(field: str, what: str) -> MlsInvalid:
    return MlsInvalid(fields={field: what})
