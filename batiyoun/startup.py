"""Before the server starts: a data directory one can write to, secrets nobody else can read, a calm collector."""

from __future__ import annotations

import gc
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

# sysexits.h, so that init systems and scripts can tell why
EXIT_UNAVAILABLE = 69
EXIT_CANNOT_CREATE = 73
EXIT_CONFIG = 78


#: A restore puts this folder into the data directory first and takes it away last.
RESTORING = ".restoring"

#: Net allocations of containers before the collector looks at the young, young rounds before the middle-aged, and
#: middle-aged rounds before everything.
_COLLECT_AFTER = (50_000, 20, 10)


class CannotStart(Exception):
    """The server cannot start; the message is one sentence with the way out, `exit_code` is of sysexits.h."""

    def __init__(self, message: str, exit_code: int = EXIT_UNAVAILABLE) -> None:
        self.exit_code = exit_code
        super().__init__(message)


def prepare_data_dir(path: Path) -> Path:
    """Make the data directory (mode 0700) or check that it can be written to; returns its absolute path.

    Raises `CannotStart`.
    """
    path = path.expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as exc:
        msg = (
            f"The data directory {path} cannot be written to ({exc.strerror or exc}): "
            "make it writable, or name another in BATIYOUN_DATA_DIR."
        )
        raise CannotStart(msg, EXIT_CANNOT_CREATE) from exc
    if path.joinpath(RESTORING).exists():
        msg = f"A restore into {path} did not finish: empty that directory and restore again."
        raise CannotStart(msg, EXIT_CONFIG)
    return path


def calm_collector() -> None:
    """Have the collector of cycles run a hundred times less often, and never look at what is there now.

    Messages and connections are freed by their reference counts. By default the collector starts at every 700th
    object of a batch in flight and walks all connections again and again: that was a fifth of the processor time under
    load, and pauses of many milliseconds (https://docs.python.org/3/library/gc.html#gc.freeze). Call it once when
    everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def load_or_create_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret kept in that file; made with mode 0600 when absent.

    Two processes that start at once agree on one secret. Raises `CannotStart` when others can read the file: a leaked
    secret must be noticed, not used.
    """
    if not path.exists():
        create_secret(path, make())
    refuse_readable(path)
    try:
        return path.read_bytes()
    except OSError as exc:
        msg = f"The secret {path} cannot be read ({exc.strerror or exc}): make this user its owner."
        raise CannotStart(msg, EXIT_CONFIG) from exc


def refuse_readable(path: Path) -> None:
    """Raises `CannotStart` when others than the owner may do anything with the file."""
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        msg = f"The secret {path} can be read by others: run `chmod 600 {path}`, or delete it if it may have leaked."
        raise CannotStart(msg, EXIT_CONFIG)


def create_secret(path: Path, secret: bytes) -> bool:
    """Keep the secret in a new file with mode 0600; False when there is a file of that name already.

    It is written whole under another name, then linked: nobody ever sees half of it, and the first one wins.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: O_EXCL, mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        try:
            Path(path).hardlink_to(temporary)
        except FileExistsError:
            return False
        return True
    finally:
        Path(temporary).unlink()
