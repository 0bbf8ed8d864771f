"""Puts an embedded installation back from its archive, into a place where there is none."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import IO, Any

from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, RESTORING, CannotStart
from batiyoun.upkeep.archive import BackupUnusable, Progress, unpack
from batiyoun.upkeep.backup import EXIT_DAMAGED, Examine
from batiyoun.upkeep.installation import Installation

#: file systems make it
_IGNORED = {"lost+found"}


def restore(installation: Installation, source: IO[bytes], *, examine: Examine, progress: Progress) -> dict[str, Any]:
    """Unpack the archive, check all of it, and only then put it in place; returns what the archive says of itself.

    Never overwrites: raises `CannotStart` when the data directory is not empty or a database is there already, and when
    the archive or a database in it is damaged; then everything is as it was before. A restore that was cut short
    leaves the folder `.restoring`, and the server refuses to start over it.
    """
    _refuse_to_overwrite(installation)
    made = not installation.data_dir.exists()
    staging = installation.data_dir / RESTORING
    try:
        installation.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        staging.mkdir(mode=0o700)
        about = _checked(installation, source, staging, examine, progress)
        _put_in_place(installation, staging)
    except OSError as exc:
        _clean_up(installation, made=made)
        raise CannotStart(
            f"Nothing was restored into {installation.data_dir} ({exc.strerror or exc}): "
            "make it writable for this user, with space for the data.",
            EXIT_CANNOT_CREATE,
        ) from exc
    except BaseException:
        _clean_up(installation, made=made)
        raise
    return about


def check(
    installation: Installation, source: IO[bytes], folder: Path, *, examine: Examine, progress: Progress
) -> dict[str, Any]:
    """Whether `restore` would accept the archive, unpacked into the empty `folder`. Raises as it does."""
    return _checked(installation, source, folder, examine, progress)


def _checked(
    installation: Installation, source: IO[bytes], folder: Path, examine: Examine, progress: Progress
) -> dict[str, Any]:
    try:
        about = unpack(source, folder, progress)
        for name in installation.databases:
            _examine(name, folder / name, examine)
    except BackupUnusable as exc:
        raise CannotStart(
            f"This backup cannot be used: {exc}. Nothing was changed; take another backup.", EXIT_DAMAGED
        ) from exc
    return about


def _examine(name: str, path: Path, examine: Examine) -> None:
    if not path.is_file():
        raise BackupUnusable(f"{name} is missing")
    if problems := examine(name, path):
        raise BackupUnusable(f"{name}: {problems[0].rstrip('.')}")
    for ending in ("-wal", "-shm"):  # made by looking
        path.with_name(name + ending).unlink(missing_ok=True)


def _refuse_to_overwrite(installation: Installation) -> None:
    folder = installation.data_dir
    if folder.joinpath(RESTORING).exists():
        raise CannotStart(f"A restore into {folder} did not finish: empty that directory and try again.", EXIT_CONFIG)
    if folder.exists() and (not folder.is_dir() or any(path.name not in _IGNORED for path in folder.iterdir())):
        raise CannotStart(
            f"{folder} is not empty, and restoring never overwrites: stop the server and move the directory away, or "
            "name another one in BATIYOUN_DATA_DIR.",
            EXIT_CONFIG,
        )
    for path in installation.databases.values():
        if path.exists():
            raise CannotStart(f"{path} exists, and restoring never overwrites: move it away first.", EXIT_CONFIG)


def _put_in_place(installation: Installation, staging: Path) -> None:
    """Rename everything; where it is only half done after a crash, `staging` is still there and says so."""
    touched = {installation.data_dir}
    for name, path in installation.databases.items():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        touched.add(path.parent)
        # another disk: a rename would fail
        shutil.move(staging / name, path)
    for path in sorted(staging.iterdir()):
        path.rename(installation.data_dir / path.name)
    for folder in touched:
        _sync(folder)
    staging.rmdir()
    _sync(installation.data_dir)


def _clean_up(installation: Installation, *, made: bool) -> None:
    """Leave everything as it was: none of it was there. What is in the way of that does not hide why we are here."""
    for path in installation.databases.values():
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        for path in installation.data_dir.iterdir():
            if path.is_dir() and path.name not in _IGNORED:
                shutil.rmtree(path, ignore_errors=True)
            elif not path.is_dir():
                path.unlink()
        if made:
            installation.data_dir.rmdir()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
