"""A second reader of RFC 9420: comes into a group by a Welcome, checks it, and reads and writes messages of that epoch.

Written after the RFC for the tests of the client's library, and for nothing else: it follows no commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.interop.mls import suite
from tests.interop.mls.codec import Reader, vector

VERSION = (1).to_bytes(2)
PRIVATE_MESSAGE, WELCOME = 2, 3
APPLICATION = b"\x01"
MEMBER = b"\x01"
RATCHET_TREE = 2


@dataclass(frozen=True)
class Node:
    """A node of the ratchet tree; of a leaf, whose signatures it makes."""

    data: bytes
    leaf: bool
    signature_key: bytes = b""


@dataclass(frozen=True)
class Opened:
    """A message that was opened."""

    data: bytes
    address: bytes
    sender: int


def _extensions(data: bytes) -> dict[int, bytes]:
    reader, found = Reader(data), {}
    while not reader.over:
        kind = reader.number(2)
        found[kind] = reader.vector()
    return found


def _node(reader: Reader) -> Node:
    """Section 7.1 and 7.2."""
    if reader.number(1) == 2:
        start = reader.at
        for _ in range(3):  # encryption_key, parent_hash, unmerged_leaves
            reader.vector()
        return Node(reader.since(start), leaf=False)
    start = reader.at
    reader.vector()
    signature_key = reader.vector()
    assert reader.number(2) == 1, "a basic credential"
    reader.vector()
    for _ in range(5):  # what it can do
        reader.vector()
    match reader.number(1):
        case 1:
            reader.take(16)  # its lifetime
        case 3:
            reader.vector()  # parent_hash
        case source:
            assert source == 2
    reader.vector()
    reader.vector()
    return Node(reader.since(start), leaf=True, signature_key=signature_key)


def _tree(data: bytes) -> list[Node | None]:
    """Section 12.4.3.3: blanks at the end are left out."""
    reader = Reader(data)
    listed = Reader(reader.vector())
    nodes: list[Node | None] = []
    while not listed.over:
        nodes.append(_node(listed) if listed.number(1) else None)
    width = 1
    while width < len(nodes):
        width = 2 * width + 1
    return nodes + [None] * (width - len(nodes))


def _optional(node: Node | None) -> bytes:
    return b"\x00" if node is None else b"\x01" + node.data


def _tree_hash(tree: list[Node | None], low: int, high: int) -> bytes:
    """Section 7.8, of the subtree of these indices."""
    if low == high:
        return suite.digest(b"\x01" + (low // 2).to_bytes(4) + _optional(tree[low]))
    middle = (low + high) // 2
    left, right = _tree_hash(tree, low, middle - 1), _tree_hash(tree, middle + 1, high)
    return suite.digest(b"\x02" + _optional(tree[middle]) + vector(left) + vector(right))


class Group:
    """A group in one epoch."""

    def __init__(self, welcome: bytes, ref: bytes, init_key: bytes) -> None:
        """Come in (section 12.4.3.1). Raises `AssertionError`, `InvalidTag` or `InvalidSignature`, as the checks do."""
        reader = Reader(welcome)
        assert reader.take(2) == VERSION
        assert reader.number(2) == WELCOME
        reader.take(2)
        secrets, sealed_info = Reader(reader.vector()), reader.vector()
        joiner_secret = b""
        while not secrets.over:
            named, encapsulated, sealed = secrets.vector(), secrets.vector(), secrets.vector()
            if named == ref:
                opened = suite.open_letter(init_key, "Welcome", sealed_info, encapsulated, sealed)
                joiner_secret = Reader(opened).vector()
        assert joiner_secret, "it is for others"
        member_secret = suite.extract(joiner_secret, bytes(suite.HASH))
        welcome_secret = suite.derive(member_secret, "welcome")
        key = suite.expand(welcome_secret, "key", b"", suite.KEY)
        nonce = suite.expand(welcome_secret, "nonce", b"", suite.NONCE)
        self._enter(Reader(suite.open_sealed(key, nonce, b"", sealed_info)), member_secret)

    def _enter(self, info: Reader, member_secret: bytes) -> None:
        info.take(4)
        self.id, self.epoch, tree_hash = info.vector(), info.number(8), info.vector()
        transcript = info.vector()
        info.vector()
        self._context = info.since(0)
        tree = _tree(_extensions(info.vector())[RATCHET_TREE])
        tag, signer = info.vector(), info.number(4)
        told = info.since(0)
        self._keys = {place // 2: node.signature_key for place, node in enumerate(tree) if node and node.leaf}
        suite.verify(self._keys[signer], "GroupInfoTBS", told, info.vector())
        assert _tree_hash(tree, 0, len(tree) - 1) == tree_hash
        secret = suite.expand(member_secret, "epoch", self._context, suite.HASH)
        assert suite.mac(suite.derive(secret, "confirm"), transcript) == tag
        self.authenticator = suite.derive(secret, "authentication")
        self._sender_data_secret = suite.derive(secret, "sender data")
        self._encryption_secret = suite.derive(secret, "encryption")
        self._width = len(tree)

    def _ratchet(self, leaf: int, generation: int, guard: bytes) -> tuple[bytes, bytes]:
        """Key and nonce of a message (section 9)."""
        secret, low, high = self._encryption_secret, 0, self._width - 1
        while low < high:
            middle = (low + high) // 2
            right = 2 * leaf > middle
            secret = suite.expand(secret, "tree", b"right" if right else b"left", suite.HASH)
            low, high = (middle + 1, high) if right else (low, middle - 1)
        secret = suite.derive(secret, "application")
        for passed in range(generation):
            secret = suite.expand(secret, "secret", passed.to_bytes(4), suite.HASH)
        place = generation.to_bytes(4)
        nonce = bytearray(suite.expand(secret, "nonce", place, suite.NONCE))
        nonce[:4] = bytes(one ^ other for one, other in zip(nonce, guard, strict=False))
        return suite.expand(secret, "key", place, suite.KEY), bytes(nonce)

    def _sender_data(self, sealed: bytes) -> tuple[bytes, bytes]:
        """Key and nonce of what says who speaks (section 6.3.2)."""
        sample = sealed[: suite.HASH]
        key = suite.expand(self._sender_data_secret, "key", sample, suite.KEY)
        return key, suite.expand(self._sender_data_secret, "nonce", sample, suite.NONCE)

    @property
    def _place(self) -> bytes:
        return vector(self.id) + self.epoch.to_bytes(8) + APPLICATION

    def _to_be_signed(self, sender: int, address: bytes, data: bytes) -> bytes:
        """Section 6.1."""
        content = vector(self.id) + self.epoch.to_bytes(8) + MEMBER + sender.to_bytes(4) + vector(address)
        return VERSION + PRIVATE_MESSAGE.to_bytes(2) + content + APPLICATION + vector(data) + self._context

    def read(self, message: bytes) -> Opened:
        """What it says (section 6.3). Raises as coming in does."""
        reader = Reader(message)
        assert reader.take(2) == VERSION
        assert reader.number(2) == PRIVATE_MESSAGE
        assert (reader.vector(), reader.number(8), reader.take(1)) == (self.id, self.epoch, APPLICATION)
        address, sealed_sender, sealed = reader.vector(), reader.vector(), reader.vector()
        assert reader.over
        told = Reader(suite.open_sealed(*self._sender_data(sealed), self._place, sealed_sender))
        sender, generation, guard = told.number(4), told.number(4), told.take(4)
        opened = Reader(
            suite.open_sealed(*self._ratchet(sender, generation, guard), self._place + vector(address), sealed)
        )
        data, signature = opened.vector(), opened.vector()
        assert not any(opened.rest())
        suite.verify(self._keys[sender], "FramedContentTBS", self._to_be_signed(sender, address, data), signature)
        return Opened(data, address, sender)

    def write(self, sender: int, signature_key: bytes, generation: int, address: bytes, data: bytes) -> bytes:
        """The message of that leaf, padded; a generation is to be used once."""
        guard = b"once"
        signature = suite.sign(signature_key, "FramedContentTBS", self._to_be_signed(sender, address, data))
        content = vector(data) + vector(signature) + bytes(7)
        sealed = suite.seal(*self._ratchet(sender, generation, guard), self._place + vector(address), content)
        told = sender.to_bytes(4) + generation.to_bytes(4) + guard
        sealed_sender = suite.seal(*self._sender_data(sealed), self._place, told)
        head = VERSION + PRIVATE_MESSAGE.to_bytes(2) + self._place
        return head + vector(address) + vector(sealed_sender) + vector(sealed)
