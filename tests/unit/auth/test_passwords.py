"""auth/passwords.py: hashing that forgets nothing and holds nobody up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import bcrypt
import pytest

from batiyoun.auth import passwords
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.errors import Busy


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    made = PasswordHasher(4, threads=1)
    yield made
    made.close()


async def test_the_right_password_only(hasher: PasswordHasher) -> None:
    kept = await hasher.hash("correct horse")
    assert kept.startswith("$2b$04$")
    assert await hasher.verify("correct horse", kept)
    assert not await hasher.verify("correct horsf", kept)
    assert not await hasher.verify("", kept)
    assert kept != await hasher.hash("correct horse")


@pytest.mark.parametrize("length", [1, 71, 72, 73, 200, 1_000])
async def test_05_passwords_that_differ_at_the_end_do_not_match(hasher: PasswordHasher, length: int) -> None:
    kept = await hasher.hash("x" * length + "a")
    assert await hasher.verify("x" * length + "a", kept)
    assert not await hasher.verify("x" * length + "b", kept)
    assert not await hasher.verify("x" * length, kept)


async def test_the_same_letters_in_another_composition_match(hasher: PasswordHasher) -> None:
    kept = await hasher.hash("Ca\N{COMBINING ACUTE ACCENT}fé")
    assert await hasher.verify("C\N{LATIN SMALL LETTER A WITH ACUTE}fé", kept)


async def test_01_without_an_account_as_much_work_is_done(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = []
    real = bcrypt.checkpw

    def watched(password: bytes, hashed: bytes) -> bool:
        rounds.append(hashed[:7])
        return real(password, hashed)

    kept = await hasher.hash("correct horse")
    monkeypatch.setattr(bcrypt, "checkpw", watched)
    assert not await hasher.verify("nobody", None)  # the stand-in's own password opens nothing
    assert not await hasher.verify("wrong", kept)
    assert rounds == [b"$2b$04$", b"$2b$04$"]


async def test_01_a_wrong_password_of_an_older_hash_takes_the_work_of_a_new_one(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await hasher.hash("correct horse")
    work: list[int] = []
    check, make = bcrypt.checkpw, bcrypt.hashpw

    def checked(password: bytes, hashed: bytes) -> bool:
        work.append(2 ** int(hashed[4:6]))
        return check(password, hashed)

    def made(password: bytes, salt: bytes) -> bytes:
        work.append(2 ** int(salt[4:6]))
        return make(password, salt)

    raised = PasswordHasher(7, threads=1)
    monkeypatch.setattr(bcrypt, "checkpw", checked)
    monkeypatch.setattr(bcrypt, "hashpw", made)
    for shown, hashed, total in (("wrong", kept, 2**7), ("wrong", None, 2**7), ("correct horse", kept, 2**4)):
        work.clear()
        assert await raised.verify(shown, hashed) is (shown == "correct horse")
        assert sum(work) == total
    raised.close()


async def test_a_hash_of_another_cost_is_outdated(hasher: PasswordHasher) -> None:
    assert not hasher.outdated(await hasher.hash("x"))
    assert hasher.outdated("$2b$12$" + "x" * 53)


async def test_07_the_loop_turns_while_hashing_and_the_queue_is_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hasher = PasswordHasher(4, threads=1, max_waiting=3)
    gate, ran = threading.Event(), []

    def slow(password: str, cost: int) -> str:
        ran.append(threading.current_thread().name)
        assert gate.wait(timeout=10)
        return password

    monkeypatch.setattr(passwords, "_hash", slow)
    waiting = [asyncio.create_task(hasher.hash(str(number))) for number in range(3)]
    await asyncio.sleep(0)
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(Busy) as caught:
            await hasher.hash("one too many")
        with pytest.raises(Busy):
            hasher.check_room()
    assert caught.value.retry_after == 2
    assert len([each for each in caplog.records if each.name == passwords.__name__]) == 1, "the log is flooded, too"
    assert time.monotonic() - started < 1
    gate.set()
    assert await asyncio.gather(*waiting) == ["0", "1", "2"]
    assert all(name.startswith("password") for name in ran)
    hasher.check_room()
    assert await hasher.hash("again") == "again"
    hasher.close()
