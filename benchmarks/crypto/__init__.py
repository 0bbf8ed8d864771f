"""End-to-end encryption in a browser: what a step of a group takes, and coming back after 5,000 missed messages.

A page over the client's own sources, in Chromium, served from this process. Groups are measured
right after everybody was added at once, which is the worst shape that their tree can have. Coming back runs what the
product runs: follower, engine, IndexedDB and the live query of an open conversation, with the pages of the log at hand,
so the network costs nothing. The page counts as blocked for as long as tasks of 50 ms and more take (Long Tasks API).
From tap to posted is measured in the app itself, with a real server (`posting.py`).
"""

from __future__ import annotations

import asyncio
import functools
import http.server
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page, async_playwright

from benchmarks.crypto.posting import MESSAGES as MESSAGES_POSTED
from benchmarks.crypto.posting import Posting, tap_to_posted
from benchmarks.script import Options, Result
from benchmarks.tables import Table, count, kibibytes, millis
from scripts import browser, client

SIZES = (2, 10, 100, 250)
MESSAGES = 5_000
EVERY = 50
#: devices, a commit before every so many messages (0: none), messages a second to reach
ABSENCES = ((10, 0, 2_000), (100, EVERY, 500))
STEPS = ("encrypt", "decrypt", "add", "join", "update", "follow", "remove", "addAll")
BYTES = ("keyPackage", "ciphertext", "add", "update", "remove", "welcome", "groupInfo", "state")
#: Chromium's sandbox refuses to start as root
ARGUMENTS = ["--disable-gpu", *([] if os.geteuid() else ["--no-sandbox"])]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and keeps silent."""

    def log_message(self, *_: object) -> None:
        """Nobody asked."""


@contextmanager
def _served() -> Iterator[str]:
    """The address of the page, built from the sources as they are."""
    with tempfile.TemporaryDirectory(prefix="crypto-page-") as folder:
        node = client.ensure_node()
        client.install(node)
        command = [node.executable, "scripts/bench.mjs", "crypto", folder]
        subprocess.run(command, cwd=client.CLIENT, env=node.environment(), check=True, stderr=subprocess.DEVNULL)
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
            threading.Thread(target=listener.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{listener.server_port}/"
            listener.shutdown()


@dataclass(frozen=True, slots=True)
class Measured:
    """What the pages measured: groups by size, one answer per absence, with and without a thread, and posting."""

    groups: dict[int, dict[str, float]]
    returns: list[dict[str, float]]
    #: in an encrypted chat, and in one that is not
    postings: tuple[Posting, Posting]
    browser: str


async def _asked(url: str, messages: int) -> Measured:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=browser.ensure(), args=ARGUMENTS)

        async def ask(call: str, argument: Any) -> Any:
            page: Page = await running.new_page()
            await page.goto(url)
            answer = await page.evaluate(f"(argument) => {call}(argument)", argument)
            await page.close()
            return answer

        groups = {size: await ask("groupTimes", size) for size in SIZES}
        returns = [
            await ask("catchUp", {"devices": devices, "messages": messages, "commitEvery": every, "thread": thread})
            for devices, every, _ in ABSENCES
            for thread in (True, False)
        ]
        postings = (await tap_to_posted(running, encrypted=True), await tap_to_posted(running, encrypted=False))
        name = f"Chromium {running.version}"
        await running.close()
        return Measured(groups, returns, postings, name)


def run(options: Options) -> Result:
    """The tables of this script. `short` comes back after a fifth of the messages."""
    messages = MESSAGES // 5 if options.short else MESSAGES
    with _served() as url:
        measured = asyncio.run(_asked(url, messages))
    result = Result(versions=[measured.browser])
    result.tables += [_times(measured.groups), _sizes(measured.groups), _absences(measured.returns, messages)]
    result.tables.append(_postings(measured.postings))
    return result


def _times(groups: dict[int, dict[str, float]]) -> Table:
    table = Table(
        "Steps of a group",
        "Time in the browser for one step; the group was just made, its tree at its worst.",
        ("Devices", "encrypt", "decrypt", "add one", "join", "renew keys", "follow that", "remove one", "add all"),
    )
    for size, measured in groups.items():
        table.add(str(size), *(millis(measured[step] / 1000) for step in STEPS))
    return table


def _sizes(groups: dict[int, dict[str, float]]) -> Table:
    table = Table(
        "Sizes",
        "What travels and what is kept. A message of 100 letters, its padded content included.",
        ("Devices", "key package", "message", "add", "renew", "remove", "Welcome of one", "GroupInfo", "state"),
    )
    for size, measured in groups.items():
        table.add(str(size), *(kibibytes(measured[f"{what}Bytes"]) for what in BYTES))
    return table


def _postings(postings: tuple[Posting, Posting]) -> Table:
    table = Table(
        "Tap to posted",
        f"From the Enter key to the mark that the server has the message; {MESSAGES_POSTED} in a direct chat, "
        "the other person being there.",
        ("Chat", "median", "p95", "worst"),
    )
    for name, posting in zip(("encrypted", "not encrypted"), postings, strict=True):
        table.add(name, millis(posting.median), millis(posting.p95), millis(posting.worst))
    return table


def _absences(returns: list[dict[str, float]], messages: int) -> Table:
    table = Table(
        f"Coming back after {messages:,} messages",
        "Opened, stored and shown; the target is in brackets. No task of the page should take more than 50 ms.",
        ("Group", "Engine", "", "messages/s", "first shown", "times shown", "longest task", "blocked"),
    )
    ways = [(absence, where) for absence in ABSENCES for where in ("its thread", "the page")]
    for ((devices, every, target), where), measured in zip(ways, returns, strict=True):
        rate = messages / measured["seconds"]
        table.add(
            f"{devices} devices",
            where,
            f"a commit per {every}" if every else "no commits",
            f"{count(rate)} ({target:,})",
            millis(measured["first"] / 1000),
            str(int(measured["steps"])),
            millis(measured["longest"] / 1000),
            millis(measured["blocked"] / 1000),
        )
        if measured["closed"]:
            table.notes.append(f"{measured['closed']:.0f} messages could not be opened.")
    return table
