"""How the server starts and stops."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from batiyoun.web.shell import ServeError, bind, new_event_loop, serve
from tests.unit.realtime.serving import until


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers everything with nothing."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def test_a_port_in_use_is_told_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"Cannot listen on 127\.0\.0\.1:{port}.*BATIYOUN_PORT"):
            bind("127.0.0.1", port)


def test_a_host_that_is_none_is_told() -> None:
    with pytest.raises(ServeError, match=r"Cannot listen on no\.such\.host\.invalid:80"):
        bind("no.such.host.invalid", 80)


def test_localhost_is_one_port_on_every_address() -> None:
    sockets = bind("localhost", 0)
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(ServeError, match="TLS certificate"):
        await serve(app, port=0, tls_cert=missing, tls_key=missing, handle_signals=False)
    authority = trustme.CA()
    authority.issue_cert("a").cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.issue_cert("b").private_key_pem.write_to_path(tmp_path / "key.pem")
    with pytest.raises(ServeError, match="belong together"):
        await serve(app, port=0, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem", handle_signals=False)


async def test_stopping_goes_step_by_step() -> None:
    steps: list[str] = []
    urls: list[str] = []
    stop = asyncio.Event()

    async def drain(limit: float) -> None:
        steps.append(f"drain {limit}")
        async with httpx.AsyncClient() as http:
            steps.append(f"still serving {(await http.get(urls[0])).status_code}")

    task = asyncio.create_task(
        serve(
            app, port=0, on_ready=urls.append, on_stopping=lambda: steps.append("not ready"), drain=drain,
            unready_seconds=0.05, drain_seconds=3, stop=stop, handle_signals=False,
        )
    )  # fmt: skip
    await until(lambda: urls)
    stop.set()
    await task
    assert steps == ["not ready", "drain 3", "still serving 200"]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(urls[0].rpartition(":")[2]))


async def test_a_drain_that_fails_still_stops() -> None:
    stop = asyncio.Event()

    async def drain(limit: float) -> None:
        raise RuntimeError("drain failed")

    task = asyncio.create_task(serve(app, port=0, drain=drain, stop=stop, handle_signals=False))
    await asyncio.sleep(0.05)
    stop.set()
    with pytest.raises(RuntimeError, match="drain failed"):
        await task


SERVER = """
import asyncio, sys
from batiyoun.web.shell import new_event_loop, serve

async def app(scope, receive, send): ...

async def drain(limit):
    print("draining", flush=True)
    await asyncio.sleep(float(sys.argv[1]))
    print("drained", flush=True)

with asyncio.Runner(loop_factory=new_event_loop) as runner:
    runner.run(serve(app, port=0, on_ready=lambda url: print("ready", flush=True), drain=drain))
print("closed", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_drains_and_the_second_exits_at_once(number: signal.Signals) -> None:
    async def start(seconds: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVER, seconds, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert await process.stdout.readline() == b"draining\n"
        return process

    process = await start("0.1")
    assert (await process.communicate())[0] == b"drained\nclosed\n"
    assert process.returncode == 0
    process = await start("60")
    process.send_signal(number)
    assert (await process.communicate())[0] == b""
    assert process.returncode == 128 + number


def test_the_loop_is_uvloop_where_there_is_one() -> None:
    loop = new_event_loop()
    loop.close()
    assert type(loop).__module__.startswith("uvloop")
