"""Bytes to what is known of them: `parse` takes one MLSMessage (RFC 9420 §6). No signature is checked here.

A delivery service orders and delivers; what a client must verify, it verifies. Reading the framing lets the server
compare the epoch, see who comes and goes, and refuse what is malformed before it reaches anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from batiyoun.wire.mls.model import (
    Add,
    ContentType,
    ExternalInit,
    GroupInfo,
    KeyPackage,
    Leaf,
    MlsMessage,
    Other,
    PrivateMessage,
    Proposal,
    PublicMessage,
    Reference,
    Remove,
    SenderType,
    Update,
    Welcome,
)
from batiyoun.wire.mls.reader import MlsError, Reader, vector_of

#: mls10 (§17.1)
VERSION = 1
PUBLIC, PRIVATE, WELCOME, GROUP_INFO, KEY_PACKAGE = 1, 2, 3, 4, 5
#: §17.3
RATCHET_TREE, EXTERNAL_PUB, LAST_RESORT = 2, 4, 10
#: the hash of each suite: §17.1, and 83 for X-Wing as the client's library numbers it
_HASHES = {1: "sha256", 2: "sha256", 3: "sha256", 4: "sha512", 5: "sha512", 6: "sha512", 7: "sha384", 83: "sha512"}
_SENDERS = {kind.value: kind for kind in SenderType}
_CONTENTS = {kind.value: kind for kind in ContentType}


def parse(data: bytes) -> MlsMessage:
    """One MLSMessage, whole. Raises `MlsError`."""
    reader = Reader(data)
    _version(reader)
    wire_format = reader.u16()
    if wire_format not in _FORMATS:
        raise MlsError("an unknown MLS wire format")
    message = _FORMATS[wire_format](reader)
    reader.end()
    return message


def key_package_ref(raw: bytes, suite: int) -> bytes | None:
    """The reference of an encoded KeyPackage (§5.2); None when the suite's hash is not known here."""
    name = _HASHES.get(suite)
    if name is None:
        return None
    return hashlib.new(name, vector_of(b"MLS 1.0 KeyPackage Reference") + vector_of(raw)).digest()


def _version(reader: Reader) -> None:
    if reader.u16() != VERSION:
        raise MlsError("another version of MLS")


# ── leaves and key packages ───────────────────────────────────────────────────────────────────────────────────────────


def _identity(reader: Reader) -> bytes | None:
    """A credential (§5.3). Kinds other than basic and x509 have no form that could be skipped."""
    kind = reader.u16()
    if kind == 1:
        return reader.vector()
    if kind == 2:
        reader.vector()
        return None
    raise MlsError("an unknown kind of MLS credential")


def _extension(reader: Reader) -> tuple[int, bytes]:
    return reader.u16(), reader.vector()


def _leaf(reader: Reader) -> Leaf:
    encryption_key, signature_key, identity = reader.vector(), reader.vector(), _identity(reader)
    for _ in range(5):  # capabilities: versions, suites, extensions, proposals, credentials
        reader.vector()
    source, lifetime = reader.u8(), None
    if source == 1:  # key package
        lifetime = (reader.u64(), reader.u64())
    elif source == 3:  # commit: the parent's hash
        reader.vector()
    elif source != 2:
        raise MlsError("an unknown source of an MLS leaf")
    extensions = reader.many(_extension)
    reader.vector()  # signature
    return Leaf(encryption_key, signature_key, identity, lifetime, tuple(kind for kind, _ in extensions))


def _key_package(reader: Reader) -> KeyPackage:
    start = reader.position
    _version(reader)
    suite, init_key, leaf = reader.u16(), reader.vector(), _leaf(reader)
    extensions = reader.many(_extension)
    reader.vector()  # signature
    last_resort = any(kind == LAST_RESORT for kind, _ in extensions)
    if leaf.lifetime is None:
        raise MlsError("the leaf of an MLS key package has no lifetime")
    return KeyPackage(suite, init_key, leaf, key_package_ref(reader.since(start), suite), last_resort)


# ── handshake ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _proposal(reader: Reader) -> Proposal:
    kind = reader.u16()
    match kind:
        case 1:
            return Add(_key_package(reader))
        case 2:
            return Update(_leaf(reader))
        case 3:
            return Remove(reader.u32())
        case 4:
            _pre_shared_key(reader)
        case 5:  # reinit: group id, version, suite, extensions
            reader.vector()
            reader.take(4)
            reader.many(_extension)
        case 6:
            reader.vector()
            return ExternalInit()
        case 7:
            reader.many(_extension)
        case _:
            raise MlsError("an unknown kind of MLS proposal")
    return Other(kind)


def _pre_shared_key(reader: Reader) -> None:
    kind = reader.u8()
    if kind == 1:
        reader.vector()
    elif kind == 2:  # resumption: usage, group, epoch
        reader.u8()
        reader.vector()
        reader.u64()
    else:
        raise MlsError("an unknown kind of MLS pre-shared key")
    reader.vector()  # nonce


def _proposal_or_reference(reader: Reader) -> Proposal | Reference:
    kind = reader.u8()
    if kind == 1:
        return _proposal(reader)
    if kind == 2:
        return Reference(reader.vector())
    raise MlsError("an MLS commit holds neither a proposal nor a reference")


def _ciphertext(reader: Reader) -> None:
    reader.vector()  # kem output
    reader.vector()


def _path_node(reader: Reader) -> None:
    reader.vector()  # encryption key
    reader.many(_ciphertext)


def _path(reader: Reader) -> Leaf:
    leaf = _leaf(reader)
    reader.many(_path_node)
    return leaf


def _public(reader: Reader) -> PublicMessage:
    group_id, epoch = reader.vector(), reader.u64()
    sender = _SENDERS.get(reader.u8())
    if sender is None:
        raise MlsError("an unknown kind of MLS sender")
    index = reader.u32() if sender in {SenderType.MEMBER, SenderType.EXTERNAL} else None
    authenticated_data, content = reader.vector(), _content_type(reader)
    proposals: tuple[Proposal | Reference, ...] = ()
    path_leaf = None
    if content is ContentType.APPLICATION:  # §6.2: it must be encrypted
        raise MlsError("application data in a public MLS message")
    if content is ContentType.PROPOSAL:
        proposals = (_proposal(reader),)
    else:
        proposals = tuple(reader.many(_proposal_or_reference))
        path_leaf = reader.optional(_path)
    reader.vector()  # signature
    if content is ContentType.COMMIT:
        reader.vector()  # confirmation tag
    if sender is SenderType.MEMBER:
        reader.vector()  # membership tag
    leaf = index if sender is SenderType.MEMBER else None
    return PublicMessage(group_id, epoch, sender, leaf, authenticated_data, content, proposals, path_leaf)


def _content_type(reader: Reader) -> ContentType:
    content = _CONTENTS.get(reader.u8())
    if content is None:
        raise MlsError("an unknown kind of MLS content")
    return content


def _private(reader: Reader) -> PrivateMessage:
    message = PrivateMessage(reader.vector(), reader.u64(), _content_type(reader), reader.vector())
    reader.vector()  # sender data
    reader.vector()  # ciphertext
    return message


# ── joining ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _secret(reader: Reader) -> bytes:
    ref = reader.vector()
    _ciphertext(reader)
    return ref


def _welcome(reader: Reader) -> Welcome:
    suite, refs = reader.u16(), reader.many(_secret)
    reader.vector()  # encrypted group info
    return Welcome(suite, tuple(refs))


def _group_info(reader: Reader) -> GroupInfo:
    _version(reader)
    suite, group_id, epoch = reader.u16(), reader.vector(), reader.u64()
    reader.vector()  # tree hash
    reader.vector()  # confirmed transcript hash
    reader.many(_extension)  # of the group
    extensions = dict(reader.many(_extension))
    reader.vector()  # confirmation tag
    signer = reader.u32()
    reader.vector()  # signature
    leaves = _leaves(extensions[RATCHET_TREE]) if RATCHET_TREE in extensions else ()
    return GroupInfo(suite, group_id, epoch, signer, EXTERNAL_PUB in extensions, leaves)


def _leaves(tree: bytes) -> tuple[Leaf | None, ...]:
    """The leaves of a ratchet tree (§12.4.3.3): the nodes at even places; blank ones at the end are left out."""
    reader = Reader(tree)
    nodes = reader.many(lambda inside: inside.optional(_node))
    reader.end()
    leaves = nodes[::2]
    if any(node is not None and not isinstance(node, Leaf) for node in leaves):
        raise MlsError("a parent stands at the place of a leaf in an MLS tree")
    if any(isinstance(node, Leaf) for node in nodes[1::2]):
        raise MlsError("a leaf stands at the place of a parent in an MLS tree")
    return tuple(node if isinstance(node, Leaf) else None for node in leaves)


def _node(reader: Reader) -> Leaf | bytes:
    kind = reader.u8()
    if kind == 1:
        return _leaf(reader)
    if kind == 2:  # parent: key, hash, unmerged leaves
        key = reader.vector()
        reader.vector()
        reader.vector()
        return key
    raise MlsError("an unknown kind of node in an MLS tree")


_FORMATS: dict[int, Callable[[Reader], MlsMessage]] = {
    PUBLIC: _public,
    PRIVATE: _private,
    WELCOME: _welcome,
    GROUP_INFO: _group_info,
    KEY_PACKAGE: _key_package,
}
