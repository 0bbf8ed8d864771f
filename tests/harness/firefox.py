"""Debian's own Firefox, by WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/) and nothing in between.

Playwright's Firefox is a patched one that has to be downloaded, and its way to a plain one sends commands that Firefox
does not know (`emulation.setMediaFeaturesOverride`). What a journey needs is small: find by role and name, click, type.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from scripts import firefox as installed

#: Nothing but the page under test may speak to the network.
PREFERENCES: dict[str, object] = {
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#",
    "toolkit.telemetry.enabled": False,
    # a computer with a mouse: without a screen Firefox finds none
    "ui.allPointerCapabilities": 6,
    "ui.primaryPointerCapabilities": 6,
}
#: seconds for one command, and for something to appear on a machine that does other things
COMMAND = 30
SOON = 30


class BrowserFault(AssertionError):
    """What Firefox said of a command."""


class Firefox:
    """A running Firefox. Its pages share nothing with each other."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        #: what pages logged as errors, and exceptions nobody caught
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take answers and events in, as long as the connection stands."""
        async for line in self._connection:
            said = json.loads(line)
            if answered := self._waiting.pop(said.get("id"), None):
                if not answered.done():  # nobody waits any more
                    answered.set_result(said)
            elif said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self.complaints.append(str(said["params"]["text"]))

    async def command(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command; its result. Raises `BrowserFault`."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        try:
            said = await asyncio.wait_for(self._waiting[number], COMMAND)
        except TimeoutError as late:
            raise BrowserFault(f"{method} was not answered within {COMMAND} s") from late
        if said["type"] == "error":
            raise BrowserFault(f"{method}: {said['error']}: {said.get('message', '')}")
        result: dict[str, Any] = said["result"]
        return result

    async def page(self, base_url: str, width: int = 1280, height: int = 800) -> FirefoxPage:
        """A page in a profile of its own."""
        profile = (await self.command("browser.createUserContext"))["userContext"]
        tab = await self.command("browsingContext.create", type="tab", userContext=profile)
        viewport = {"width": width, "height": height}
        await self.command("browsingContext.setViewport", context=tab["context"], viewport=viewport)
        return FirefoxPage(self, tab["context"], base_url)


class FirefoxPage:
    """One page, found its way around as by a screen reader: by role and name."""

    def __init__(self, browser: Firefox, context: str, base_url: str) -> None:
        self._browser = browser
        self._context = context
        self._base_url = base_url

    async def goto(self, path: str) -> None:
        """Open a path of the server, loaded anew."""
        url = self._base_url + path
        await self._browser.command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> object:
        """The JSON value of an expression, awaited."""
        target = {"context": self._context}
        answer = await self._browser.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target=target,
            awaitPromise=True,
        )
        if answer["type"] != "success":
            raise BrowserFault(str(answer["exceptionDetails"]["text"]))
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    async def find(self, role: str | None, name: str, within: float = SOON) -> str:
        """The element of that role (None: any) and accessible name, once it is there; its shared id."""
        value = {"name": name} if role is None else {"role": role, "name": name}
        return await self._located({"type": "accessibility", "value": value}, f"{role or 'element'} {name!r}", within)

    async def _located(self, locator: dict[str, object], named: str, within: float = SOON) -> str:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    found = await self._browser.command(
                        "browsingContext.locateNodes", context=self._context, locator=locator, maxNodeCount=1
                    )
                    if found["nodes"]:
                        shared: str = found["nodes"][0]["sharedId"]
                        return shared
                    await asyncio.sleep(0.1)
        raise AssertionError(f"no {named} on the page:\n{await self.text()}")

    async def text(self) -> str:
        """Everything that can be read."""
        return str(await self.evaluate("document.body.innerText"))

    async def reads(self, words: str, within: float = SOON) -> None:
        """Wait until the page says that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while words not in await self.text():  # noqa: ASYNC110  # another program's page
                    await asyncio.sleep(0.1)
                return
        raise AssertionError(f"the page does not say {words!r}:\n{await self.text()}")

    async def holds(self, condition: str, within: float = SOON) -> None:
        """Wait until that expression is true."""
        async with asyncio.timeout(within):
            while await self.evaluate(f"(async () => {condition})()") is not True:  # noqa: ASYNC110  # another program
                await asyncio.sleep(0.1)

    async def click(self, role: str | None, name: str) -> None:
        """Press the pointer on it."""
        await self._press_on(await self.find(role, name))

    async def click_text(self, words: str) -> None:
        """Press the pointer on what says exactly that."""
        path = f"//*[normalize-space(text())={json.dumps(words, ensure_ascii=False)}]"
        await self._press_on(await self._located({"type": "xpath", "value": path}, repr(words)))

    async def _press_on(self, shared: str) -> None:
        element = {"type": "element", "element": {"sharedId": shared}}
        scroll = "(element) => element.scrollIntoView({block: 'center', behavior: 'instant'})"
        await self._browser.command(
            "script.callFunction",
            functionDeclaration=scroll,
            arguments=[element["element"]],
            target={"context": self._context},
            awaitPromise=False,
        )
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "pointer", "actions": steps})

    async def fill(self, name: str, words: str) -> None:
        """Type into the field of that name; one for passwords has no role (HTML-AAM)."""
        await self.click(None, name)
        await self.press(*words)

    async def press(self, *keys: str) -> None:
        """Key after key; `ENTER` is that key (https://www.w3.org/TR/webdriver2/#keyboard-actions)."""
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": steps})

    async def _act(self, source: dict[str, object]) -> None:
        await self._browser.command("input.performActions", context=self._context, actions=[source])


ENTER = "\ue006"


async def _address(process: Process) -> str:
    """Where it listens, as it says while it starts."""
    assert process.stderr is not None
    async for line in process.stderr:
        if told := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return told[1].decode()
    raise BrowserFault("Firefox ended before it listened")


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    async for _ in process.stderr:
        pass


@asynccontextmanager
async def launched() -> AsyncIterator[Firefox]:
    """A Firefox with a profile that is gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        await asyncio.to_thread(Path(folder, "user.js").write_text, "".join(lines))
        command = (installed.ensure(), "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0")
        environment = os.environ | {"HOME": folder, "MOZ_CRASHREPORTER_DISABLE": "1"}
        process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=PIPE, env=environment)
        try:
            address = await asyncio.wait_for(_address(process), 60)
            async with connect(f"{address}/session", max_size=None) as connection:
                firefox = Firefox(connection)
                tasks = [asyncio.create_task(firefox.listen()), asyncio.create_task(_drain(process))]
                await firefox.command("session.new", capabilities={})
                await firefox.command("session.subscribe", events=["log.entryAdded"])
                try:
                    yield firefox
                finally:
                    for task in tasks:
                        task.cancel()
        finally:
            process.kill()
            await process.wait()
