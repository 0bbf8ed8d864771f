"""The manifest of the installable app names files that exist, as large as it says, inside its own scope."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

PUBLIC = Path(__file__).resolve().parent.parent / "client" / "public"
MANIFEST: dict[str, Any] = json.loads((PUBLIC / "manifest.webmanifest").read_text())
PICTURES = [*MANIFEST["icons"], *MANIFEST["screenshots"]]


def _size(png: Path) -> str:
    """Width and height of a PNG, from its first chunk (RFC 2083 §4.1.1)."""
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return f"{width}x{height}"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture["src"])
def test_every_picture_is_there_and_as_large_as_it_says(picture: dict[str, str]) -> None:
    path = PUBLIC / picture["src"].removeprefix("/")
    assert path.is_file()
    if picture["type"] == "image/png":
        assert picture["sizes"] == _size(path)


def test_it_can_be_installed_everywhere() -> None:
    purposes = {icon["purpose"] for icon in MANIFEST["icons"]}
    assert purposes == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in MANIFEST["icons"] if icon["purpose"] == "any"}
    assert {shot["form_factor"] for shot in MANIFEST["screenshots"]} == {"wide", "narrow"}
    assert MANIFEST["id"] == MANIFEST["scope"] == MANIFEST["start_url"] == "/"


def test_shortcuts_lead_to_pages_of_the_app() -> None:
    pages = (PUBLIC.parent / "src" / "app" / "place.ts").read_text()
    for shortcut in MANIFEST["shortcuts"]:
        assert f'"{shortcut["url"]}"' in pages
        assert shortcut["url"].startswith(MANIFEST["scope"])
