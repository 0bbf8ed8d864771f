"""MLS framing against messages of the client's library (`vectors.json`, by `generate.mjs`), and against noise."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.wire.mls import MlsError, parse
from batiyoun.wire.mls.model import (
    Add,
    ContentType,
    ExternalInit,
    GroupInfo,
    KeyPackage,
    PrivateMessage,
    PublicMessage,
    Reference,
    Remove,
    SenderType,
    Welcome,
)
from batiyoun.wire.mls.reader import Reader, length_of, vector_of

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())


def of(kind: str) -> pytest.MarkDecorator:
    """Every vector of that kind, as a parameter."""
    chosen = [vector for vector in VECTORS if vector["kind"] == kind]
    assert chosen
    return pytest.mark.parametrize(
        "vector", chosen, ids=[f"suite-{vector['suite']}-{place}" for place, vector in enumerate(chosen)]
    )


def parsed(vector: dict[str, Any]) -> Any:
    return parse(bytes.fromhex(vector["data"]))


@of("key_package")
def test_a_key_package_tells_who_it_is_for_and_its_reference(vector: dict[str, Any]) -> None:
    found = parsed(vector)
    assert isinstance(found, KeyPackage)
    assert found.suite == vector["suite"]
    assert found.leaf.identity == vector["identity"].encode()
    assert found.ref is not None
    assert found.ref.hex() == vector["ref"]
    assert found.last_resort is vector["lastResort"]
    assert found.leaf.lifetime == (1_760_000_000, 1_890_000_000)


@of("commit")
def test_a_commit_tells_its_epoch_and_who_comes_and_goes(vector: dict[str, Any]) -> None:
    found = parsed(vector)
    assert isinstance(found, PublicMessage)
    assert found.content_type is ContentType.COMMIT
    assert (found.group_id.hex(), found.epoch) == (vector["group"], vector["epoch"])
    assert found.sender_leaf == vector["sender"]
    assert found.authenticated_data == vector["aad"].encode()
    added = [each.key_package.leaf.identity for each in found.proposals if isinstance(each, Add)]
    assert added == [name.encode() for name in vector["adds"]]
    assert [each.leaf_index for each in found.proposals if isinstance(each, Remove)] == vector["removes"]
    assert len([each for each in found.proposals if isinstance(each, Reference)]) == vector.get("references", 0)
    assert (found.path_leaf is not None) is vector["path"]
    external = vector.get("external", False)
    assert any(isinstance(each, ExternalInit) for each in found.proposals) is external
    expected = SenderType.NEW_MEMBER_COMMIT if external else SenderType.MEMBER
    assert found.sender_type is expected
    if external:
        assert found.path_leaf is not None
        assert found.path_leaf.identity == b"dev/1"


@of("proposal")
def test_a_proposal_stands_alone(vector: dict[str, Any]) -> None:
    found = parsed(vector)
    assert isinstance(found, PublicMessage)
    assert found.content_type is ContentType.PROPOSAL
    assert (found.epoch, found.sender_leaf) == (vector["epoch"], vector["sender"])
    assert found.proposals == tuple(Remove(index) for index in vector["removes"])


@of("private")
def test_ciphertext_tells_its_epoch_alone(vector: dict[str, Any]) -> None:
    expected = PrivateMessage(
        bytes.fromhex(vector["group"]), vector["epoch"], ContentType.APPLICATION, vector["aad"].encode()
    )
    assert parsed(vector) == expected


@of("welcome")
def test_a_welcome_names_the_key_packages_it_opens_for(vector: dict[str, Any]) -> None:
    found = parsed(vector)
    assert isinstance(found, Welcome)
    assert found.suite == vector["suite"]
    assert {ref.hex() for ref in found.refs} == set(vector["refs"])


@of("group_info")
def test_a_group_info_shows_its_leaves(vector: dict[str, Any]) -> None:
    found = parsed(vector)
    assert isinstance(found, GroupInfo)
    assert (found.group_id.hex(), found.epoch, found.suite) == (vector["group"], vector["epoch"], vector["suite"])
    assert found.external_pub is True
    names = [leaf.identity.decode() if leaf and leaf.identity else None for leaf in found.leaves]
    assert names == vector["leaves"]
    assert found.signer == 0


# ── what is not MLS ───────────────────────────────────────────────────────────────────────────────────────────────────

EVERY = [bytes.fromhex(vector["data"]) for vector in VECTORS]
SMALL = [data for data in EVERY if len(data) < 1_000]


@pytest.mark.parametrize("data", SMALL, ids=len)
def test_every_truncation_is_refused(data: bytes) -> None:
    for end in range(len(data)):
        with pytest.raises(MlsError):
            parse(data[:end])
    with pytest.raises(MlsError):
        parse(data + b"\x00")


@given(data=st.sampled_from(EVERY), place=st.integers(0, 100_000), value=st.integers(0, 255))
def test_a_changed_byte_raises_nothing_but_mls_errors(data: bytes, place: int, value: int) -> None:
    place %= len(data)
    with contextlib.suppress(MlsError):
        parse(data[:place] + bytes([value]) + data[place + 1 :])


@given(st.binary(max_size=400), st.sampled_from([b"", *[b"\x00\x01\x00" + bytes([kind]) for kind in range(1, 6)]]))
def test_noise_raises_nothing_but_mls_errors(noise: bytes, head: bytes) -> None:
    with contextlib.suppress(MlsError):
        parse(head + noise)


@pytest.mark.parametrize("head", ["0002000500010001", "000100000001", "000100060001", "0001000500020001"], ids=str)
def test_other_versions_and_formats_are_refused(head: str) -> None:
    with pytest.raises(MlsError):
        parse(bytes.fromhex(head) + b"\x00" * 64)


@given(st.integers(0, (1 << 30) - 1))
def test_lengths_come_back(length: int) -> None:
    reader = Reader(length_of(length))
    assert reader.length() == length
    reader.end()


@pytest.mark.parametrize("form", ["403f", "80003fff", "80000000", "c0ffffffffffffff"])
def test_lengths_in_another_form_are_refused(form: str) -> None:
    with pytest.raises(MlsError):
        Reader(bytes.fromhex(form)).length()


def test_a_length_past_the_end_takes_no_memory() -> None:
    with pytest.raises(MlsError):
        Reader(length_of((1 << 30) - 1)).vector()
    with pytest.raises(ValueError, match="too long"):
        length_of(1 << 30)


@given(st.binary(max_size=300))
def test_vectors_come_back(data: bytes) -> None:
    reader = Reader(vector_of(data))
    assert reader.vector() == data
    assert reader.done
