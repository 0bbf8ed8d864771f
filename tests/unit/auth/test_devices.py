"""auth/devices.py: what a device is called."""

from __future__ import annotations

import pytest

from batiyoun.auth.devices import UNKNOWN, Device, describe, describe_many
from batiyoun.auth.model import MAX_USER_AGENT

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36", Device("Chrome", "Linux", "computer")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            Device("Firefox", "Windows", "computer"),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0.0.0",
            Device("Edge", "Windows", "computer"),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.1 Safari/605.1.15",
            Device("Safari", "macOS", "computer"),
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36", Device("Chrome", "Chrome OS", "computer")),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE} Version/18.1 Mobile/15E148 Safari/604.1",
            Device("Safari", "iOS", "phone"),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
            Device("Firefox", "iOS", "phone"),
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {APPLE} Version/18.1 Mobile/15E148 Safari/604.1",
            Device("Safari", "iOS", "tablet"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36",
            Device("Chrome", "Android", "phone"),
        ),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Safari/537.36", Device("Chrome", "Android", "tablet")),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", Device("Firefox", "Android", "phone")),
        (
            "Mozilla/5.0 (Android 15; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0",
            Device("Firefox", "Android", "tablet"),
        ),
        ("curl/8.5.0", Device("curl", None, "other")),
    ],
)
def test_devices_have_the_names_that_people_know(agent: str, device: Device) -> None:
    assert describe(agent) == device


@pytest.mark.parametrize(
    "agent", ["", "  ", "a browser", "<script>alert(1)</script>", "x" * 100_000, "\x00", "(" * 256]
)
def test_what_tells_nothing_is_unknown(agent: str) -> None:
    assert describe(agent) == UNKNOWN


async def test_many_are_described_in_order() -> None:
    assert await describe_many(["curl/8.5.0", "", "curl/8.5.0"]) == [
        Device("curl", None, "other"),
        UNKNOWN,
        Device("curl", None, "other"),
    ]


async def test_long_headers_are_cut_before_they_are_remembered() -> None:
    describe.cache_clear()
    await describe_many(["x" * MAX_USER_AGENT + end for end in ("y", "z" * 16_000)])
    assert (describe.cache_info().misses, describe.cache_info().hits) == (1, 1)
