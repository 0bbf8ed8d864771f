"""What a delivery service may know of MLS objects: the public framing, no keys, no plaintext (RFC 9420 §6, §16.4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class SenderType(IntEnum):
    """RFC 9420 §6."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


class ContentType(IntEnum):
    """RFC 9420 §6."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


@dataclass(frozen=True, slots=True)
class Leaf:
    """A member's leaf node (§7.2). `identity` is that of a basic credential, None for another kind.

    `lifetime` is (not before, not after) in seconds since the epoch, in key packages only.
    """

    encryption_key: bytes
    signature_key: bytes
    identity: bytes | None
    lifetime: tuple[int, int] | None
    extensions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyPackage:
    """What somebody is added with (§10). `ref` names it in a Welcome (§5.2); None when the suite's hash is unknown."""

    suite: int
    init_key: bytes
    leaf: Leaf
    ref: bytes | None
    last_resort: bool


@dataclass(frozen=True, slots=True)
class Add:
    """Somebody comes in (§12.1.1)."""

    key_package: KeyPackage


@dataclass(frozen=True, slots=True)
class Update:
    """The sender changes their leaf (§12.1.2)."""

    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Remove:
    """The member at that leaf goes (§12.1.3)."""

    leaf_index: int


@dataclass(frozen=True, slots=True)
class ExternalInit:
    """An external commit begins the next epoch without knowing this one (§12.1.6)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A proposal that was sent before, by its hash (§12.4)."""

    proposal_ref: bytes


@dataclass(frozen=True, slots=True)
class Other:
    """A proposal that the delivery service does not look into: psk, reinit, extensions, or a custom one."""

    proposal_type: int


Proposal = Add | Update | Remove | ExternalInit | Other


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A handshake message in the clear (§6.2). `sender_leaf` is None for those who are not members.

    `proposals` holds the one proposal, or what a commit has; `path_leaf` is the committer's new leaf.
    """

    group_id: bytes
    epoch: int
    sender_type: SenderType
    sender_leaf: int | None
    authenticated_data: bytes
    content_type: ContentType
    proposals: tuple[Proposal | Reference, ...] = ()
    path_leaf: Leaf | None = None


@dataclass(frozen=True, slots=True)
class PrivateMessage:
    """Ciphertext (§6.3): the epoch it was made in is all that can be known."""

    group_id: bytes
    epoch: int
    content_type: ContentType
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Welcome:
    """Secrets for new members, by the key packages they were added with (§12.4.3.1)."""

    suite: int
    refs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A group as outsiders may know it (§12.4.3). `leaves` by index, None for a blank one; empty without a tree."""

    suite: int
    group_id: bytes
    epoch: int
    signer: int
    external_pub: bool
    leaves: tuple[Leaf | None, ...] = field(default=())


MlsMessage = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage
