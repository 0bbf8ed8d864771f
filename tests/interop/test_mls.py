"""What the client's MLS library wrote, read by a second implementation (`tests/interop/mls`), and the other way round.

The file is the client's: `vectors.test.ts` opens the same. To write it anew, in this order:

    cd client && BATIYOUN_FREEZE_VECTORS=1 npx vitest run src/core/crypto/mls/vectors.test.ts
    python -m tests.interop.test_mls
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag

from tests.interop.mls.group import Group

FILE = Path(__file__).parents[2] / "client/src/core/crypto/mls/testing/vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text())
#: messages that the second implementation writes, by their generations: further on than the client's, and not in order
WORDS = {40: "नमस्ते from elsewhere", 42: "", 41: "y" * 2_000}

each_epoch = pytest.mark.parametrize("vector", VECTORS, ids=[f"epoch-{vector['epoch']}" for vector in VECTORS])


def entered(vector: dict[str, Any]) -> Group:
    """The group that the Welcome leads into."""
    own = vector["own"]
    return Group(bytes.fromhex(vector["welcome"]), bytes.fromhex(own["ref"]), bytes.fromhex(own["initKey"]))


@each_epoch
def test_both_come_into_the_same_epoch(vector: dict[str, Any]) -> None:
    group = entered(vector)
    assert group.epoch == vector["epoch"]
    assert group.authenticator.hex() == vector["authenticator"]


@each_epoch
@pytest.mark.parametrize("by", ["said", "elsewhere"])
def test_what_one_writes_the_other_reads(vector: dict[str, Any], by: str) -> None:
    group = entered(vector)
    assert vector[by]
    for said in vector[by]:
        opened = group.read(bytes.fromhex(said["message"]))
        assert opened.data.hex() == said["data"]
        assert opened.address.hex() == said["address"]
        assert opened.sender == said["sender"]


@each_epoch
def test_a_changed_byte_is_noticed(vector: dict[str, Any]) -> None:
    group = entered(vector)
    message = bytearray.fromhex(vector["said"][0]["message"])
    message[-1] ^= 1
    with pytest.raises(InvalidTag):
        group.read(bytes(message))


@each_epoch
def test_who_has_the_keys_of_the_epoch_cannot_speak_for_another(vector: dict[str, Any]) -> None:
    group = entered(vector)
    forged = group.write(1, bytes.fromhex(vector["speaker"]["signatureKey"]), 0, b"a place", b"words")
    with pytest.raises(InvalidSignature):
        group.read(forged)


def main() -> None:
    """Write what the client has to read into the file."""
    for vector in VECTORS:
        group, speaker = entered(vector), vector["speaker"]
        key = bytes.fromhex(speaker["signatureKey"])
        vector["elsewhere"] = []
        for generation, words in WORDS.items():
            address, data = f"elsewhere {generation}".encode(), words.encode()
            message = group.write(speaker["leaf"], key, generation, address, data)
            told = {"message": message.hex(), "data": data.hex(), "address": address.hex(), "sender": speaker["leaf"]}
            vector["elsewhere"].append(told)
    FILE.write_text(json.dumps(VECTORS, indent=1) + "\n")


if __name__ == "__main__":
    main()
