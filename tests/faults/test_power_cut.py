"""Power cuts at random moments: nothing that was acknowledged or shown is lost (reliability.md, criterion P 1)."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Chat, Envelope, Receipt, Replayed, Role, RosterChange
from batiyoun.storage.sqlite import SqliteChatLog
from batiyoun.storage.sqlite.verify import find_damage
from tests.contracts.chat_stores import Clock, Scene, draft, read_all
from tests.faults.power import Disk, Leftover


@dataclass
class Promises:
    """What people were told: acknowledged, published or read."""

    envelopes: dict[tuple[str, int], Envelope] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    cursors: dict[tuple[str, str], int] = field(default_factory=dict)

    def copy(self) -> Promises:
        """As they are now; entries are never changed."""
        return Promises(dict(self.envelopes), dict(self.chats), dict(self.cursors))

    def envelope(self, seen: Envelope) -> None:
        """Somebody has seen this envelope."""
        assert self.envelopes.setdefault((seen.chat_id, seen.seq), seen) == seen


async def live(folder: Path, seed: int, *, messages: int, honest: bool = True) -> list[Leftover[Promises]]:
    """People talk, read, join and leave on one store while pictures of its disk are taken."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    promises = Promises()
    path = folder / "log.db"
    disk = Disk(path, promises.copy, chance, honest=honest)
    clock = Clock()
    # a checkpoint syncs by itself: with a disk that lies about ours, there is none that would save it
    pages = 40 if honest else 100_000
    store = SqliteChatLog(path, clock.runtime(), sync=disk.sync, move=disk.move, checkpoint_pages=pages)
    await store.open()
    disk.begin()
    scene = Scene(store, clock)

    def publish(appended: Sequence[Appended]) -> None:
        for item in appended:
            promises.envelope(item.envelope)

    log = Log(store, publish=publish, max_rows=16)
    running = True

    async def talk(who: str, chats: list[Chat]) -> None:
        for number in range(messages):
            chat = chance.choice(chats)
            body = who * chance.choice([1, 10, 2_000])
            item = draft(chat, who, body, client_id=f"{who}{number}")
            promises.envelope((await log.send(item)).envelope)
            if number % 7 == 0:  # the ack got lost on its way: send it again
                assert isinstance(await log.send(item), Replayed)
            if number % 5 == 0:
                await asyncio.sleep(0)

    async def read(who: str) -> None:
        while running:
            for chat, last, _ in await store.list_of(who, limit=50, before=None):
                page = await store.page(chat.id, after=None, before=None, limit=5, floor=0)
                for envelope in [*page.messages, *([last] if last else [])]:
                    promises.envelope(envelope)
                shown = await store.get(chat.id)
                assert shown is not None
                promises.chats[chat.id] = shown
                for receipt in await store.advance([Receipt(chat.id, who, page.head_seq, read=True)]):
                    promises.cursors[chat.id, who] = receipt.seq
            await asyncio.sleep(0.001)

    async def meet() -> None:
        number = 0
        while running:
            number += 1
            chat = await scene.group(f"guest{number % 5}")
            promises.chats[chat.id] = chat
            change = RosterChange(add={"bob": Role.MEMBER}, name=f"room {number}")
            promises.envelope((await log.send(draft(chat, "ann", kind="system", change=change))).envelope)
            changed = await store.get(chat.id)
            assert changed is not None
            promises.chats[chat.id] = changed
            await asyncio.sleep(0.003)

    async def watch() -> None:
        while running:
            disk.picture(0.05)
            await asyncio.sleep(0)

    chats = [await scene.group("bob", "cid") for _ in range(3)]
    promises.chats.update({chat.id: chat for chat in chats})
    around = [asyncio.create_task(job) for job in (read("bob"), read("ann"), meet(), watch())]
    await asyncio.gather(*(talk(who, chats) for who in ("ann", "bob", "cid")))
    running = False
    await asyncio.gather(*around)
    await log.close()
    await store.close()
    assert disk.restarts or not honest, "the cuts must fall across checkpoints and restarts of the WAL"
    return disk.pictures


async def broken_promises(leftover: Leftover[Promises], folder: Path) -> list[str]:
    """Start again from what the cut left; everything that is not as promised."""
    path = leftover.lay_out(folder)
    broken: list[str] = []
    store = SqliteChatLog(path, Clock().runtime(), sync=lambda _: None)
    await store.open()
    try:
        found: dict[tuple[str, int], Envelope] = {}
        for chat_id, promised in leftover.known.chats.items():
            chat = await store.get(chat_id)
            if chat is None:
                broken.append(f"chat {chat_id} is gone")
                continue
            if (chat.name, set(chat.members)) != (promised.name, set(promised.members)) and promised.head_seq:
                broken.append(f"chat {chat_id} has another name or roster")
            log = await read_all(store, chat_id)
            if [envelope.seq for envelope in log] != list(range(1, len(log) + 1)):
                broken.append(f"chat {chat_id} has a gap")
            found |= {(chat_id, envelope.seq): envelope for envelope in log}
            for (cursor_chat, who), seq in leftover.known.cursors.items():
                member = chat.members.get(who)
                if cursor_chat == chat_id and (member is None or member.read_seq < seq):
                    broken.append(f"{who} has read up to {seq} in {chat_id}")
        for place, envelope in leftover.known.envelopes.items():
            if found.get(place) != envelope:
                broken.append(f"envelope {place} is {'gone' if place not in found else 'another'}")
    finally:
        await store.close()
    with closing(sqlite3.connect(path)) as connection:
        broken += find_damage(connection, seconds=None)
    return broken


async def losses(tmp_path: Path, seed: int, *, messages: int, limit: int, honest: bool = True) -> tuple[int, int]:
    """(pictures looked at, pictures with a broken promise)."""
    (tmp_path / f"live{seed}").mkdir()
    pictures = await live(tmp_path / f"live{seed}", seed, messages=messages, honest=honest)
    chosen = random.Random(seed).sample(pictures, min(limit, len(pictures)))  # noqa: S311  # repeatable, not secret
    lost = 0
    for number, leftover in enumerate(chosen):
        broken = await broken_promises(leftover, tmp_path / f"cut{seed}.{number}")
        if broken and honest:
            pytest.fail(f"seed {seed}, picture {number}: {len(broken)} broken promises, {broken[:3]}")
        lost += bool(broken)
    return len(chosen), lost


async def test_no_promise_is_broken_by_a_power_cut(tmp_path: Path) -> None:
    looked_at, _ = await losses(tmp_path, seed=1, messages=120, limit=40)
    assert looked_at == 40


async def test_a_disk_that_lies_about_syncing_breaks_promises(tmp_path: Path) -> None:
    """The control: were the test blind, this one would pass the first."""
    looked_at, lost = await losses(tmp_path, seed=2, messages=60, limit=20, honest=False)
    assert lost > looked_at // 2


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 112))
async def test_no_promise_is_broken_by_many_power_cuts(tmp_path: Path, seed: int) -> None:
    looked_at, _ = await losses(tmp_path, seed=seed, messages=300, limit=100)
    assert looked_at == 100
