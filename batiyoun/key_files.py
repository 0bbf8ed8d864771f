"""Signing keys as files in one directory: named by the time they were made, readable by their owner alone."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batiyoun.auth.keyring import KeyRing, rotate
from batiyoun.auth.keys import SigningKey, key_set, load_signing_key
from batiyoun.runtime import Runtime, from_millis
from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, CannotStart, create_secret, refuse_readable

log = logging.getLogger(__name__)

#: The time is in the name, not in the file system: copies and backups keep it.
_NAME = re.compile(r"signing-(\d{8}T\d{9}Z)(?:-\d+)?\.pem")
#: where versions before rotation kept their only key
BEFORE = "signing-key.pem"


class KeyFiles:
    """`SigningKeyStore` over a directory, which several processes may share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the directory (mode 0700), and take over the key of an older version.

        Raises `CannotStart` when others can read a key, or when it is none: that must be noticed, not used.
        """
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._take_over(self.folder.parent / BEFORE)
            for path in self._paths():
                refuse_readable(path)
                _load(path)
        except OSError as exc:
            msg = f"The keys in {self.folder} cannot be used ({exc.strerror or exc}): make this user their owner."
            raise CannotStart(msg, EXIT_CANNOT_CREATE) from exc
        except ValueError as exc:
            msg = f"{path} is not a signing key: restore it from a backup, or delete it and everybody's tokens are new."
            raise CannotStart(msg, EXIT_CONFIG) from exc

    def load(self) -> list[SigningKey]:
        """See `SigningKeyStore`."""
        found = []
        for path in self._paths():
            try:
                refuse_readable(path)
                found.append(_load(path))
            except FileNotFoundError:
                continue  # another process has just removed it
            except (CannotStart, ValueError) as exc:
                log.error("a signing key is not used: %s", exc)  # noqa: TRY400  # the sentence says it
        return found

    def add(self, pem: bytes, created_at: datetime) -> None:
        """See `SigningKeyStore`."""
        stamp = f"{created_at:%Y%m%dT%H%M%S}{created_at.microsecond // 1000:03d}Z"
        number = 1
        path = self.folder / f"signing-{stamp}.pem"
        while not create_secret(path, pem):
            number += 1
            path = self.folder / f"signing-{stamp}-{number}.pem"

    def remove(self, keys: Collection[SigningKey]) -> None:
        """See `SigningKeyStore`."""
        gone = {key.id for key in keys}
        for path in self._paths():
            try:
                if _load(path).id in gone:
                    path.unlink()
            except (FileNotFoundError, ValueError):
                continue

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if _NAME.fullmatch(path.name))

    def _take_over(self, old: Path) -> None:
        try:
            made = old.stat().st_mtime
        except FileNotFoundError:
            return
        refuse_readable(old)
        self.add(old.read_bytes(), from_millis(int(made * 1000)))
        old.unlink()


def key_files(settings: Settings) -> KeyFiles:
    """The signing keys of an installation; `open` makes their directory."""
    return KeyFiles(settings.data_dir.expanduser().absolute() / "keys")


def open_keys(settings: Settings, runtime: Runtime) -> KeyRing:
    """The keys for a server that starts; the first one is made. Raises `CannotStart`."""
    files = key_files(settings)
    files.open()
    days = settings.signing_key_days
    return KeyRing(files, runtime, age=timedelta(days=days) if days else None)


def describe_keys(settings: Settings, runtime: Runtime) -> list[str]:
    """A line for each key, the oldest first: its id, when it was made, what it does now. Raises `CannotStart`."""
    files, now = _existing(settings), runtime.utcnow()
    keys = files.load()
    if not keys:
        return ["There is no key yet: the server makes one when it starts."]
    ordered = key_set(keys)
    signing = ordered.signs(now)
    lines = []
    for key in ordered.keys:
        younger = (key.created_at, key.id) > (signing.created_at, signing.id)
        state = "signs" if key is signing else "signs next" if younger else "is believed until its tokens are over"
        lines.append(f"{key.id}  made {key.created_at:%Y-%m-%d %H:%M} UTC, {state}")
    return lines


def rotate_keys(settings: Settings, runtime: Runtime, *, leaked: bool) -> str:
    """Make the next key; with `leaked` the keys until now are void. Returns its id. Raises `CannotStart`."""
    return rotate(_existing(settings), runtime, leaked=leaked).id


def _existing(settings: Settings) -> KeyFiles:
    files = key_files(settings)
    if not files.folder.parent.is_dir():
        msg = f"{files.folder.parent} is not there: start the server once, or name its directory in BATIYOUN_DATA_DIR."
        raise CannotStart(msg, EXIT_CONFIG)
    files.open()
    return files


def _load(path: Path) -> SigningKey:
    """Raises `ValueError` when it is no key."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(path.name)
    made = datetime.strptime(match[1][:-4], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return load_signing_key(path.read_bytes(), made.replace(microsecond=int(match[1][-4:-1]) * 1000))
