"""What to call a device, from its User-Agent header: words that a person recognises, and nothing is looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from ua_parser import BasicResolver, Parser, load_lazy_builtins

from batiyoun.auth.model import MAX_USER_AGENT

DeviceKind = Literal["phone", "tablet", "computer", "other"]

_COMPUTERS = frozenset(
    {"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Arch Linux", "Red Hat", "SUSE", "Gentoo"}
    | {"Chrome OS", "FreeBSD", "OpenBSD", "NetBSD", "Solaris"}
)
_TABLETS = ("ipad", "tablet", "kindle", "silk/", "playbook")
#: the library's names, where people know another
_NAMES = {"Mac OS X": "macOS", "Mobile Safari": "Safari", "Chrome Mobile": "Chrome", "Chrome Mobile iOS": "Chrome"} | {
    "Chrome Mobile WebView": "Android WebView", "Firefox Mobile": "Firefox", "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge", "Opera Mobile": "Opera", "Mobile Safari UI/WKWebView": "Safari",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """`Firefox` on `Android`, a phone; None for what the header does not tell."""

    browser: str | None
    os: str | None
    kind: DeviceKind


UNKNOWN = Device(None, None, "other")


@lru_cache(2_000)
def describe(user_agent: str) -> Device:
    """The words for a User-Agent header. The first call takes a third of a second: in a route use `describe_many`."""
    agent = user_agent[:MAX_USER_AGENT]
    if not agent.strip():
        return UNKNOWN
    parser = _parser()
    browser, system = parser.parse_user_agent(agent), parser.parse_os(agent)
    browser_name = None if browser is None else browser.family
    system_name = None if system is None else system.family
    kind = _kind(agent.lower(), system_name)
    return Device(_NAMES.get(browser_name or "", browser_name), _NAMES.get(system_name or "", system_name), kind)


async def describe_many(user_agents: Iterable[str]) -> list[Device]:
    """The words for each, in order, worked out beside the event loop."""
    # cut before they are remembered: two thousand headers of 16 KB would be 32 MB
    return await asyncio.to_thread(lambda: [describe(agent[:MAX_USER_AGENT]) for agent in user_agents])


def _kind(agent: str, system: str | None) -> DeviceKind:
    if any(word in agent for word in _TABLETS):
        return "tablet"
    if system == "Android":
        # Chrome and Firefox say Mobile on phones alone (developer.chrome.com, "User-Agent client hints")
        return "phone" if "mobile" in agent else "tablet"
    if system in {"iOS", "Windows Phone", "KaiOS"} or "iphone" in agent:
        return "phone"
    return "computer" if system in _COMPUTERS else "other"


@cache
def _parser() -> Parser:
    # not the library's default, which depends on what else is installed; patterns are compiled when first needed
    return Parser(BasicResolver(load_lazy_builtins()))
