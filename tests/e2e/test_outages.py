"""The network and the server go away and come back: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import Messenger
from tests.harness.proxy import Wire
from tests.harness.server import Server


async def _pair(newcomer: Newcomer) -> tuple[Messenger, Messenger]:
    """Two people with their chat open on both screens, and one message in it."""
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("first")
    await bala.open_chat("Asha Devi")
    await asha.sees_state("first", "read")
    return asha, bala


async def _agree(asha: Messenger, bala: Messenger, expected: list[str]) -> None:
    """Both screens show exactly these messages, in this order."""
    for person in (asha, bala):
        await person.sees(*expected)
        assert await person.texts() == expected


async def test_what_is_written_offline_is_sent_once_when_back(newcomer: Newcomer, wire: Wire) -> None:
    asha, bala = await _pair(newcomer)
    with asha.window.outage(), bala.window.outage():
        await asha.window.context.set_offline(True)
        wire.cut()
        await asha.says("app.offline")
        await asha.write("from the tunnel")
        await asha.write("still in it")
        await asha.sees_state("from the tunnel", "queued")
        await asha.sees_state("still in it", "queued")

        wire.mend()
        await asha.window.context.set_offline(False)
        await asha.sees_state("still in it", "read")
        await _agree(asha, bala, ["first", "from the tunnel", "still in it"])


async def test_what_waits_survives_the_tab(newcomer: Newcomer, wire: Wire) -> None:
    asha, bala = await _pair(newcomer)
    with asha.window.outage(), bala.window.outage():
        wire.cut()
        await asha.write("written before the crash")
        await asha.sees_state("written before the crash", "queued")
        await asha.page.close()
        wire.mend()

        asha.window.page = await asha.window.context.new_page()
        asha.window.watch(asha.window.page)
        await asha.page.goto("/")
        await asha.open_chat("Bala Kumar")
        await asha.sees_state("written before the crash", "read")
        await _agree(asha, bala, ["first", "written before the crash"])


async def test_a_restart_of_the_server_is_hardly_noticed(newcomer: Newcomer, server: Server) -> None:
    asha, bala = await _pair(newcomer)
    with asha.window.outage(), bala.window.outage():
        assert await asyncio.to_thread(server.stop) == 0
        await asha.says("app.reconnecting")
        await asha.write("while it was away")
        await bala.write("me too")
        await asha.sees_state("while it was away", "queued")
        await asyncio.to_thread(server.start)
        await asha.sees_state("while it was away", "read")
        await bala.sees_state("me too", "read")
        for person in (asha, bala):
            await person.sees("first", "while it was away", "me too")
        assert await asha.texts() == await bala.texts()


async def test_kill_9_while_sending_loses_nothing_and_doubles_nothing(newcomer: Newcomer, server: Server) -> None:
    asha, bala = await _pair(newcomer)
    words = [f"burst {number}" for number in range(1, 26)]
    with asha.window.outage(), bala.window.outage():
        for number, text in enumerate(words):
            await asha.write(text)
            if number in {8, 16}:
                server.kill()
                await asyncio.to_thread(server.start)
        await asha.sees_state(words[-1], "read")
        await _agree(asha, bala, ["first", *words][-len(await asha.texts()) :])
    log = await _whole_log(asha, server)
    said = [message for message in log if message["kind"] == "message"]
    assert len({message["clientId"] for message in said}) == len(said) == 1 + len(words)
    assert all(message["encrypted"] and message["mls"] for message in said)
    assert [message["seq"] for message in log] == list(range(1, len(log) + 1))


async def _whole_log(person: Messenger, server: Server) -> list[dict[str, object]]:
    """What the server has of the chat that is open in the person's window."""
    chat_id = person.page.url.rsplit("/", 1)[-1]
    answer = await person.page.request.get(f"{server.url}/api/chats/{chat_id}/messages?after=0&limit=500")
    assert answer.ok, await answer.text()
    page = await answer.json()
    messages: list[dict[str, object]] = page["messages"]
    return messages


async def test_another_tab_takes_over_when_the_first_closes(newcomer: Newcomer) -> None:
    asha, bala = await _pair(newcomer)
    second = await asha.window.context.new_page()
    asha.window.watch(second)
    await second.goto(asha.page.url)
    await bala.write("to both tabs")
    await asha.sees("to both tabs")
    await asha.page.close()
    asha.window.page = second
    await asha.sees("first", "to both tabs")
    await bala.write("to the one that is left")
    await asha.sees("to the one that is left")
    await asha.write("and back")
    await bala.sees("and back")
