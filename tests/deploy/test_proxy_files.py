"""The proxy examples as their own programs read them, unchanged."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import nginx
from tests.deploy.proxies import DEPLOY, Identity, caddy, put, wrapped

CADDYFILES = ["Caddyfile", "Caddyfile.scale"]


def _caddy(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(
        [caddy(), *arguments], env=os.environ | home | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", CADDYFILES)
def test_caddy_accepts_it_as_it_is(name: str, tmp_path: Path) -> None:
    done = _caddy(tmp_path, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / name))
    assert done.returncode == 0, done.stderr
    assert "Valid configuration" in done.stdout + done.stderr


@pytest.mark.parametrize("name", CADDYFILES)
def test_it_is_formatted_as_caddy_does(name: str, tmp_path: Path) -> None:
    done = _caddy(tmp_path, "fmt", str(DEPLOY / name))
    assert done.stdout == DEPLOY.joinpath(name).read_text()


def _upstreams(value: Any) -> list[str]:
    """Every `dial` in a configuration."""
    if isinstance(value, dict):
        found = [value["dial"]] if "dial" in value else []
        return found + [dial for inner in value.values() for dial in _upstreams(inner)]
    return [dial for inner in value for dial in _upstreams(inner)] if isinstance(value, list) else []


def test_the_environment_decides_about_names_and_servers(tmp_path: Path) -> None:
    done = _caddy(
        tmp_path,
        "adapt",
        "--adapter",
        "caddyfile",
        "--config",
        str(DEPLOY / "Caddyfile.scale"),
        CHAT_DOMAIN="talk.example.net",
        CHAT_API="api1:8000 api2:8000",
        CHAT_REALTIME="realtime1:8000 realtime2:8000",
    )
    assert done.returncode == 0, done.stderr
    adapted = json.loads(done.stdout)
    assert '"talk.example.net"' in done.stdout
    assert "chat.example.org" not in done.stdout
    assert set(_upstreams(adapted)) == {"api1:8000", "api2:8000", "realtime1:8000", "realtime2:8000"}


def test_nginx_accepts_it(tmp_path: Path, identity: Identity) -> None:
    """With a certificate that exists and ports that need no root, otherwise unchanged."""
    text = DEPLOY.joinpath("nginx.conf").read_text()
    text = put(text, "/etc/letsencrypt/live/chat.example.org/fullchain.pem", str(identity.certificate))
    text = put(text, "/etc/letsencrypt/live/chat.example.org/privkey.pem", str(identity.key))
    text = re.sub(r"listen (\[::\]:)?(80|443)\b", lambda found: f"listen {found[1] or ''}2{int(found[2]):04}", text)
    tmp_path.joinpath("batiyoun.conf").write_text(text)
    tmp_path.joinpath("nginx.conf").write_text(wrapped(tmp_path, "batiyoun.conf"))
    done = subprocess.run(
        [nginx.ensure(), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr


@pytest.mark.parametrize("name", [*CADDYFILES, "nginx.conf"])
def test_the_limit_of_bodies_is_the_servers(name: str) -> None:
    """`BATIYOUN_MAX_BODY`, in the words of the proxy."""
    text = DEPLOY.joinpath(name).read_text()
    assert ("max_size 1MB" in text) or ("client_max_body_size 1m;" in text)
