"""`batiyoun backup` and `batiyoun restore`: files, pipes and progress bars around `backup` and `restore`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, CannotStart
from batiyoun.upkeep import restore as restoring
from batiyoun.upkeep.archive import Progress
from batiyoun.upkeep.backup import Done, Examine, back_up, expected_size
from batiyoun.upkeep.installation import embedded

_DASH = Path("-")


def back_up_to(settings: Settings, target: Path, examine: Examine) -> str:
    """Make a backup; returns the sentence about it. A file appears under its name only when it is whole.

    `examine` finds damage in the copies; here and below it is that of the stores.
    """
    installation = embedded(settings)
    now = time.time()

    def write(out: IO[bytes], workspace: Path) -> Done:
        with _bar("Backing up", expected_size(installation)) as progress:
            return back_up(installation, out, now=now, workspace=workspace, examine=examine, progress=progress)

    if target == _DASH:
        if sys.stdout.isatty():
            raise CannotStart("A backup is not for a terminal: send it to a file or a pipe.", EXIT_CONFIG)
        done = write(sys.stdout.buffer, installation.data_dir)
        sys.stdout.buffer.flush()
        return f"Backed up {_extent(done)}."
    if target.is_dir():
        target = target / f"batiyoun-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}.tar"
    if target.exists():
        raise CannotStart(f"{target} exists, and a backup never overwrites: name another file.", EXIT_CONFIG)
    half = target.with_name(target.name + ".part")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
            done = write(out, target.parent)
            out.flush()
            os.fsync(out.fileno())
        half.rename(target)
    except OSError as exc:
        half.unlink(missing_ok=True)
        raise CannotStart(
            f"{target} cannot be written ({exc.strerror or exc}): name a file in a directory that this user may write "
            "to, with space for a copy of the data and as much again while it is made.",
            EXIT_CANNOT_CREATE,
        ) from exc
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return f"Backed up {_extent(done)} into {target}. It holds the server's keys: keep it as safe as the server."


def restore_from(settings: Settings, source: Path, examine: Examine) -> str:
    """Restore; returns the sentence about it."""
    installation = embedded(settings)
    with _source(source) as (file, size), _bar("Restoring", size) as progress:
        about = restoring.restore(installation, file, examine=examine, progress=progress)
    return f"Restored the backup of {_made(about)} into {installation.data_dir}. Start the server."


def check_backup(settings: Settings, source: Path, examine: Examine) -> str:
    """Whether the backup could be restored, unpacked into a temporary folder; returns the sentence about it."""
    installation = embedded(settings)
    with (
        tempfile.TemporaryDirectory(prefix="batiyoun-") as folder,
        _source(source) as (file, size),
        _bar("Checking", size) as progress,
    ):
        about = restoring.check(installation, file, Path(folder), examine=examine, progress=progress)
    return f"The backup of {_made(about)} is whole and can be restored."


def _made(about: dict[str, Any]) -> str:
    return f"{about.get('made')} (version {about.get('version')})"


def _extent(done: Done) -> str:
    return f"{done.files} files, {done.size / 1_000_000:.1f} MB,"


@contextmanager
def _source(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The archive and its size, 0 for a pipe."""
    if path == _DASH:
        yield sys.stdin.buffer, 0
        return
    try:
        file = path.open("rb")
    except OSError as exc:
        raise CannotStart(f"{path} cannot be read ({exc.strerror or exc}): name a backup.", EXIT_CONFIG) from exc
    with file:
        yield file, path.stat().st_size


@contextmanager
def _bar(label: str, size: int) -> Iterator[Progress]:
    """A progress bar on a terminal, silence elsewhere."""
    with click.progressbar(
        length=max(size, 1), label=label, file=sys.stderr, show_eta=size > 0, hidden=not sys.stderr.isatty()
    ) as bar:
        yield bar.update
