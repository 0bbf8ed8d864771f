"""From polling to WebSocket: nothing lost, nothing twice, and whatever goes wrong on the way."""

from __future__ import annotations

import asyncio

from tests.harness.wires import wire
from tests.unit.realtime.pollers import Poller
from tests.unit.realtime.serving import until


async def test_upgrade_while_messages_flow(patient_poller: Poller) -> None:
    poller = patient_poller
    await poller.open()
    session = poller.engine.sessions[poller.sid]
    sent: list[str] = []
    upgraded = asyncio.Event()

    async def send() -> None:
        while not upgraded.is_set():  # however slow the machine is, there is something to ask for until then
            sent.append(f"m{len(sent)}")
            session.send_text(sent[-1].encode())
            if len(sent) % 3 == 0:
                await asyncio.sleep(0.001)

    sending = asyncio.create_task(send())
    got: list[str] = []
    async with wire(
        int(poller.http.base_url.port or 0), f"/socket.io/?EIO=4&transport=websocket&sid={poller.sid}"
    ) as ws:
        for _ in range(3):
            got += (await poller.get()).text.split("\x1e")
        ws.send("2probe")
        assert await ws.text() == "3probe"
        got += (await poller.get()).text.split("\x1e")
        ws.send("5")
        for _ in range(30):
            got.append(await ws.text())
        upgraded.set()
        await sending
        while len([packet for packet in got if packet[0] == "4"]) < len(sent):
            got.append(await ws.text())
        assert (await poller.get()).json() == {"code": 3, "message": "Bad request"}, "the old transport is refused"
        assert (await poller.post("4x")).status_code == 400
        ws.send("4still here")
        assert await ws.text() == "4still here"
    assert [packet[1:] for packet in got if packet[0] == "4"] == sent, "in order, nothing lost, nothing twice"


async def test_a_waiting_poll_is_released_by_the_probe(poller: Poller) -> None:
    await poller.open()
    poll = asyncio.create_task(poller.get())
    await asyncio.sleep(0.02)
    async with wire(
        int(poller.http.base_url.port or 0), f"/socket.io/?EIO=4&transport=websocket&sid={poller.sid}"
    ) as ws:
        ws.send("2probe")
        assert await ws.text() == "3probe"
        assert (await poll).text == "6"


async def test_a_probe_that_leads_nowhere_is_closed_and_polling_goes_on(unasked_poller: Poller) -> None:
    poller = unasked_poller
    await poller.open()
    async with wire(poller.port, poller.upgrade_path) as ws:
        ws.send("2probe")
        assert await ws.text() == "3probe"
        async with wire(poller.port, poller.upgrade_path) as second:
            assert await second.closed() == 1008, "one probe at a time"
        assert await ws.closed() is None
    await until(lambda: poller.engine.sessions[poller.sid].probe is None)
    await poller.post("4polling goes on")
    assert (await poller.get()).text.split("\x1e")[-1] == "4polling goes on"
    async with wire(poller.port, poller.upgrade_path) as ws:
        ws.send("4not a probe")
        assert await ws.closed() == 1002
    await until(lambda: poller.engine.sessions[poller.sid].probe is None)


async def test_a_session_that_is_closed_during_its_upgrade_says_its_last_words_where_the_client_listens(
    poller: Poller,
) -> None:
    await poller.open()
    session = poller.engine.sessions[poller.sid]
    async with wire(poller.port, poller.upgrade_path) as ws:
        ws.send("2probe")
        assert await ws.text() == "3probe"
        session.send_text(b"bye")
        session.close("forced close")  # the client has stopped polling by now
        ws.send("5")
        assert await ws.text() == "4bye"
        assert await ws.closed() == 1000
    assert (await poller.get()).status_code == 400
    assert poller.engine.last_words == {}


async def test_a_session_that_is_lost_takes_its_probe_with_it(poller: Poller) -> None:
    await poller.open()
    async with wire(poller.port, poller.upgrade_path) as ws:
        ws.send("2probe")
        assert await ws.text() == "3probe"
        poller.engine.sessions[poller.sid].abort("transport error")
        assert await ws.closed() is None


async def test_an_upgraded_session_refuses_another_websocket(poller: Poller) -> None:
    await poller.open()
    async with wire(poller.port, poller.upgrade_path) as ws:
        ws.send("2probe")
        await ws.text()
        ws.send("5")
        ws.send("4a")
        assert await ws.text() == "4a"
        async with wire(poller.port, poller.upgrade_path) as second:
            assert await second.closed() == 1008
        ws.send("4b")
        assert await ws.text() == "4b"
