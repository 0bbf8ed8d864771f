"""The JavaScript heap of every context of the app, its threads and its service worker included, after long use."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import httpx
from playwright.async_api import Page, Playwright
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.app.scene import CHAT, MESSAGE, Scene
from benchmarks.servers.process import free_port


async def heap_after(playwright: Playwright, scene: Scene, actions: int) -> dict[str, int]:
    """Bytes by kind of context after so many things that a person does, garbage collected."""
    port = free_port()
    async with scene.opened(playwright, f"--remote-debugging-port={port}") as context:
        page = context.pages[0]
        await page.goto("/")
        await page.locator(CHAT).first.wait_for()
        await page.wait_for_load_state("networkidle")
        for number in range(actions // len(ACTIONS)):
            for action in ACTIONS:
                await action(page, number)
        return await _heaps(port)


async def _open(page: Page, number: int) -> None:
    """Another chat, every second time the long one."""
    at = page.locator(CHAT).nth(0 if number % 2 else 1 + number // 2 % 4)
    await at.click()
    await page.locator(MESSAGE).last.wait_for()


async def _scroll(page: Page, number: int) -> None:
    await page.mouse.move(800, 400)
    await page.mouse.wheel(0, -2_000 - 500 * (number % 5))


async def _write(page: Page, number: int) -> None:
    composer = page.locator("textarea")
    await composer.fill(f"said without a network {number}")
    if number % 10 == 0:
        await composer.press("Enter")


async def _look(page: Page, _: int) -> None:
    await page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.fill("train")


async def _forget(page: Page, _: int) -> None:
    await page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.fill("")


ACTIONS = (_open, _scroll, _write, _look, _forget)


class _Devtools:
    """One connection to a target, and through it to the threads that it has."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.threads: list[str] = []
        self._ids = itertools.count(1)

    async def send(self, method: str, thread: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The answer to a command."""
        number = next(self._ids)
        session = {} if thread is None else {"sessionId": thread}
        await self.connection.send(json.dumps({"id": number, "method": method, "params": parameters, **session}))
        while True:
            told = json.loads(await self.connection.recv())
            if told.get("method") == "Target.attachedToTarget":
                self.threads.append(told["params"]["sessionId"])
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(told["error"]["message"])
                answer: dict[str, Any] = told["result"]
                return answer

    async def heap(self, thread: str | None = None) -> int:
        """Bytes in use once nothing is left to collect."""
        await self.send("HeapProfiler.collectGarbage", thread)
        return int((await self.send("Runtime.getHeapUsage", thread))["usedSize"])


async def _heaps(port: int) -> dict[str, int]:
    async with httpx.AsyncClient(trust_env=False) as http:
        targets = (await http.get(f"http://127.0.0.1:{port}/json")).json()
    heaps = {"page": 0, "threads": 0, "service worker": 0}
    for target in targets:
        if target["type"] not in {"page", "service_worker"}:
            continue
        async with connect(target["webSocketDebuggerUrl"], max_size=None) as connection:
            devtools = _Devtools(connection)
            kind = "page" if target["type"] == "page" else "service worker"
            heaps[kind] += await devtools.heap()
            await devtools.send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
            await asyncio.sleep(0.2)
            await devtools.heap()
            for thread in devtools.threads:
                heaps["threads"] += await devtools.heap(thread)
    return heaps
