"""The real server as a process: started, restarted and killed as a test needs it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness import forge
from tests.harness.forge import BATIYOUN, Forked

ROOT = forge.ROOT
#: `batiyoun serve` of the source tree, by the Python of the tests.
SERVE = (*BATIYOUN, "serve")
#: Below the range that the system gives to outgoing connections: nobody takes the port between two starts.
PORTS = range(20_000, 32_000)
#: What a test server has unless the test says otherwise; the last two are refused beyond loopback.
DEFAULTS = {
    "BATIYOUN_HOST": "127.0.0.1",
    "BATIYOUN_PASSWORD_COST": "4",
    "BATIYOUN_RATE_LIMITS": "off",
    "BATIYOUN_ALLOW_PLAINTEXT": "on",
}


def free_port(taken: Collection[int] = ()) -> int:
    """A port on loopback that nobody listens on and that is not taken, kept apart from other runs by the process id."""
    for step in range(len(PORTS)):
        port = PORTS[(os.getpid() * 61 + step) % len(PORTS)]
        if port in taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on loopback")


class Server:
    """`batiyoun serve` on a port and a data directory that it keeps over restarts."""

    def __init__(self, folder: Path, command: Sequence[str] = SERVE, **settings: str) -> None:
        """`folder` gets the data directory and the output; `settings` are BATIYOUN_ variables without the prefix."""
        self.command = command
        #: whether it is a program of its own from the first line, instead of a copy of one that has imported everything
        self.fresh = False
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = int(settings.get("PORT", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("BATIYOUN_") and name != "PORT"
        }
        ours = {f"BATIYOUN_{name}": value for name, value in settings.items()}
        self.environment = kept | DEFAULTS | {"BATIYOUN_DATA_DIR": str(self.data_dir)} | ours
        self.environment["BATIYOUN_PORT"] = str(self.port)
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def output(self) -> str:
        """Everything it has printed since the first start."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def launch(self) -> None:
        """Start the process without waiting for it."""
        assert self._process is None, "the server runs already"
        with (self.folder / "server.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            if not self.fresh and tuple(self.command[: len(BATIYOUN)]) == BATIYOUN:
                arguments = self.command[len(BATIYOUN) :]
                self._process = forge.start(
                    arguments, environment=self.environment, folder=self.folder, stdin=nothing, stdout=log, stderr=log
                )
                return
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=nothing,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self, within: float = 20) -> Self:
        """Start the process and wait until it says that it is ready."""
        self.launch()
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            assert self._process is not None
            if (code := self._process.poll()) is not None:
                self._process = None
                raise AssertionError(f"the server ended with {code}:\n{self.output}")
            if self.is_ready():
                return self
            time.sleep(0.03)
        self.kill()
        raise AssertionError(f"the server was not ready within {within} s:\n{self.output}")

    @property
    def hindered(self) -> float:
        """Seconds that the running process was ready to compute and others had the CPU (sched-stats.rst, `run_delay`).

        What it was late by is the machine's doing so far, not its own. 0 where the kernel does not count.
        """
        counts = Path(f"/proc/{self.pid}/schedstat")
        return int(counts.read_text().split()[1]) / 1e9 if counts.exists() else 0.0

    def is_ready(self) -> bool:
        """What `GET /health/ready` says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def becomes_ready(self, within: float = 10) -> bool:
        """Whether it says so in time: a probe may meet a connection that died with what it led to."""
        deadline = time.monotonic() + within
        while not (ready := self.is_ready()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return ready

    def run(self, *arguments: str, given: str = "", fails: int = 0) -> str:
        """Run another command with the server's settings; returns what it prints. `fails`: the exit code to expect."""
        if self.fresh:
            done = subprocess.run(
                [*BATIYOUN, *arguments],
                check=False,
                cwd=self.folder,
                env=self.environment,
                input=given,
                capture_output=True,
                text=True,
                timeout=60,
            )
        else:
            done = forge.run(*arguments, environment=self.environment, folder=self.folder, given=given)
        assert done.returncode == fails, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def exit_code(self, within: float = 20) -> int:
        """Wait for the process to end by itself."""
        assert self._process is not None, "the server does not run"
        code = self._process.wait(within)
        self._process = None
        return code

    def stop(self, within: float = 20) -> int:
        """Ask it to stop, as an init system does, and return its exit code."""
        assert self._process is not None, "the server does not run"
        self._process.send_signal(signal.SIGTERM)
        return self.exit_code(within)

    def kill(self) -> None:
        """End it as a power cut does: no signal handler runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it properly and start it again on the same port and data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.output)  # noqa: T201 (pytest shows it with the failure)
        self.kill()
