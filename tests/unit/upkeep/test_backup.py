"""upkeep/backup.py and upkeep/restore.py: databases as they were at one moment, and nothing ever overwritten."""

from __future__ import annotations

import io
import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from batiyoun.startup import RESTORING, CannotStart, prepare_data_dir
from batiyoun.upkeep import restore as restoring
from batiyoun.upkeep.archive import ArchiveWriter
from batiyoun.upkeep.backup import back_up, expected_size, snapshot
from batiyoun.upkeep.installation import ACCOUNTS, LOG, Installation


def quiet(_: int) -> None:
    """Nobody looks at the progress."""


def whole(name: str, path: Path) -> list[str]:
    """As the stores examine: SQLite's own check."""
    with closing(sqlite3.connect(path)) as connection:
        return [text for (text,) in connection.execute("pragma integrity_check") if text != "ok"]


def database(path: Path, rows: int) -> sqlite3.Connection:
    """A database in WAL mode with that many rows, still open."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma wal_autocheckpoint=0")
    connection.execute("create table log(ref integer primary key, content text)")
    connection.execute("begin")
    connection.executemany("insert into log values (?, ?)", [(ref, "x" * 500) for ref in range(1, rows + 1)])
    connection.execute("commit")
    return connection


def rows(path: Path) -> list[int]:
    """What is in a database."""
    with closing(sqlite3.connect(path)) as connection:
        return [ref for (ref,) in connection.execute("select ref from log order by ref")]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Two databases, keys and an upload; nothing has it open."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    made = Installation(folder, {LOG: folder / LOG, ACCOUNTS: folder / ACCOUNTS})
    for number, path in enumerate(made.databases.values(), 1):
        database(path, 10 * number).close()
    for name in ("keys/signing.pem", "files/ab/abcdef", "code-key"):
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(name)
    return made


def archived(installation: Installation, tmp_path: Path) -> bytes:
    """A backup of it."""
    out = io.BytesIO()
    back_up(installation, out, now=1_790_000_000, workspace=tmp_path, examine=whole, progress=quiet)
    return out.getvalue()


def empty(folder: Path) -> Installation:
    """A place to restore into that does not exist yet."""
    return Installation(folder, {LOG: folder / LOG, ACCOUNTS: folder / ACCOUNTS})


def restored(archive: bytes, place: Installation) -> None:
    """Put a backup there."""
    restoring.restore(place, io.BytesIO(archive), examine=whole, progress=quiet)


def refusal(archive: bytes, place: Installation) -> str:
    """Why it cannot be put there."""
    with pytest.raises(CannotStart) as caught:
        restored(archive, place)
    return str(caught.value)


def files(folder: Path) -> set[str]:
    """What is in a folder, sockets and links too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


# ── backup ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_comes_back(installation: Installation, tmp_path: Path) -> None:
    place = empty(tmp_path / "new")
    restored(archived(installation, tmp_path), place)
    assert rows(place.databases[LOG]) == list(range(1, 11))
    assert rows(place.databases[ACCOUNTS]) == list(range(1, 21))
    for name in ("keys/signing.pem", "files/ab/abcdef", "code-key"):
        assert place.data_dir.joinpath(name).read_text() == name
    for path in (place.data_dir, *place.data_dir.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_is_only_in_the_wal_is_in_the_backup(installation: Installation, tmp_path: Path) -> None:
    with closing(sqlite3.connect(installation.databases[LOG], isolation_level=None)) as writer:
        writer.execute("pragma wal_autocheckpoint=0")
        writer.execute("insert into log values (11, 'new')")
        assert installation.databases[LOG].with_name("log.db-wal").stat().st_size > 0
        archive = archived(installation, tmp_path)
    place = empty(tmp_path / "new")
    restored(archive, place)
    assert rows(place.databases[LOG])[-1] == 11
    assert files(place.data_dir) == {LOG, ACCOUNTS, "keys/signing.pem", "files/ab/abcdef", "code-key"}


def test_a_copy_is_one_moment_although_others_write(tmp_path: Path) -> None:
    """A commit between the first page and the last is in it as a whole or not at all, and holds nobody up."""
    source, copy = tmp_path / "source.db", tmp_path / "copy.db"
    writer = database(source, 60_000)
    stop = threading.Event()
    written = [60_000]

    def write() -> None:
        while not stop.is_set():
            first = written[0] + 1
            writer.execute("begin immediate")
            writer.executemany("insert into log values (?, 'y')", [(ref,) for ref in range(first, first + 100)])
            # elsewhere, too: pages that were copied already change
            writer.execute("update log set content = ? where ref <= 100", (f"{first}",))
            writer.execute("commit")
            written[0] += 100

    during: list[int] = []
    before = written[0]
    thread = threading.Thread(target=write)
    thread.start()
    try:
        snapshot(source, copy, lambda _: during.append(written[0]))
    finally:
        stop.set()
        thread.join()
        writer.close()
    assert during[-1] > during[0], "nothing was written meanwhile"
    found = rows(copy)
    assert found == list(range(1, len(found) + 1))
    assert len(found) % 100 == 0
    assert before <= len(found) <= written[0]
    assert whole(LOG, copy) == []
    with closing(sqlite3.connect(copy)) as connection:
        marks = {mark for (mark,) in connection.execute("select content from log where ref <= 100")}
    assert marks == ({f"{len(found) - 99}"} if len(found) > before else {"x" * 500})


def test_looking_leaves_the_wal_to_the_server(installation: Installation, tmp_path: Path) -> None:
    """The end of the copying connection must neither move nor delete the WAL: the server's syncer holds it open."""
    source = installation.databases[LOG]
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("pragma wal_autocheckpoint=0")
        writer.execute("insert into log values (11, 'new')")
        wal = source.with_name("log.db-wal")
        before = (wal.stat().st_ino, wal.stat().st_size)
        snapshot(source, tmp_path / "copy.db", quiet)
        assert (wal.stat().st_ino, wal.stat().st_size) == before


def test_53_a_copy_is_for_this_user_alone(installation: Installation, tmp_path: Path) -> None:
    os.umask(0o022)
    snapshot(installation.databases[LOG], tmp_path / "copy.db", quiet)
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_leftovers_and_what_is_no_file_stay_outside(installation: Installation, tmp_path: Path) -> None:
    folder = installation.data_dir
    folder.joinpath("log.db.lock").write_text("123")
    folder.joinpath(".half-written").write_text("x")
    folder.joinpath(".backup-x").mkdir()
    folder.joinpath(".backup-x", "copy.db").write_text("x")
    folder.joinpath("link").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe")
    place = empty(tmp_path / "new")
    restored(archived(installation, tmp_path), place)
    assert files(place.data_dir) == {LOG, ACCOUNTS, "keys/signing.pem", "files/ab/abcdef", "code-key"}


def test_further_databases_are_copied_as_databases(installation: Installation, tmp_path: Path) -> None:
    with closing(database(installation.data_dir / "index.db", 5)) as open_one:
        assert open_one.in_transaction is False
        archive = archived(installation, tmp_path)
    place = empty(tmp_path / "new")
    restored(archive, place)
    assert rows(place.data_dir / "index.db") == [1, 2, 3, 4, 5]
    assert not any("-wal" in name for name in files(place.data_dir))


def test_progress_is_of_the_size_that_was_expected(installation: Installation, tmp_path: Path) -> None:
    told: list[int] = []
    back_up(installation, io.BytesIO(), now=0, workspace=tmp_path, examine=whole, progress=told.append)
    assert sum(told) == expected_size(installation)


def test_a_damaged_database_makes_no_backup(installation: Installation, tmp_path: Path) -> None:
    def damaged(name: str, _: Path) -> list[str]:
        return ["a row does not fit its checksum"] if name == LOG else []

    with pytest.raises(CannotStart, match="keep the last good one") as caught:
        back_up(installation, io.BytesIO(), now=0, workspace=tmp_path, examine=damaged, progress=quiet)
    assert caught.value.exit_code == 65
    installation.databases[ACCOUNTS].write_bytes(b"no database" * 1000)
    with pytest.raises(CannotStart, match="damaged") as caught:
        back_up(installation, io.BytesIO(), now=0, workspace=tmp_path, examine=whole, progress=quiet)
    assert caught.value.exit_code == 65
    assert not list(tmp_path.glob(".backup-*"))


def test_a_full_disk_is_said_plainly(installation: Installation, tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(CannotStart, match="No space left on device") as caught:
        back_up(installation, Full(), now=0, workspace=tmp_path, examine=whole, progress=quiet)
    assert caught.value.exit_code == 73


def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="BATIYOUN_DATA_DIR"):
        archived(empty(tmp_path / "nowhere"), tmp_path)


def test_strangers_are_sent_away(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root would leave files that the server cannot open."""
    owner = installation.data_dir.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(CannotStart, match="as that user"):
        archived(installation, tmp_path)


# ── restore ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [LOG, "anything", "keys/x"])
def test_restoring_never_overwrites(name: str, installation: Installation, tmp_path: Path) -> None:
    archive = archived(installation, tmp_path)
    place = empty(tmp_path / "new")
    there = place.data_dir / name
    there.parent.mkdir(parents=True)
    there.write_text("precious")
    assert "never overwrites" in refusal(archive, place)
    assert files(place.data_dir) == {name}
    assert there.read_text() == "precious"


def test_a_database_elsewhere_is_not_overwritten_either(installation: Installation, tmp_path: Path) -> None:
    archive = archived(installation, tmp_path)
    elsewhere = tmp_path / "elsewhere" / "messages.db"
    place = Installation(tmp_path / "new", {LOG: elsewhere, ACCOUNTS: tmp_path / "new" / ACCOUNTS})
    restored(archive, place)
    assert rows(elsewhere) == list(range(1, 11))
    assert not (place.data_dir / LOG).exists()
    again = Installation(tmp_path / "newer", {LOG: elsewhere, ACCOUNTS: tmp_path / "newer" / ACCOUNTS})
    assert "never overwrites" in refusal(archive, again)
    assert not again.data_dir.exists()


@pytest.mark.parametrize("exists", [True, False])
def test_a_damaged_backup_leaves_everything_as_it_was(exists: bool, installation: Installation, tmp_path: Path) -> None:
    place = empty(tmp_path / "new")
    if exists:
        place.data_dir.mkdir()
        place.data_dir.joinpath("lost+found").mkdir()
    archive = bytearray(archived(installation, tmp_path))
    archive[archive.index(b"SQLite format 3") + 2000] ^= 1
    assert "is not what was written" in refusal(bytes(archive), place)
    assert place.data_dir.exists() is exists
    if exists:
        assert [path.name for path in place.data_dir.iterdir()] == ["lost+found"]


def test_a_backup_of_something_damaged_is_refused(installation: Installation, tmp_path: Path) -> None:
    """The archive is as it was written, and what was written could not be served."""
    place = empty(tmp_path / "new")
    archive = archived(installation, tmp_path)
    with pytest.raises(CannotStart, match="made by a newer Batiyoun") as caught:
        restoring.restore(
            place, io.BytesIO(archive), examine=lambda *_: ["it was made by a newer Batiyoun."], progress=quiet
        )
    assert caught.value.exit_code == 65
    assert not place.data_dir.exists()


def test_a_backup_without_a_database_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with ArchiveWriter(out, {}, now=0, progress=quiet):
        pass
    assert "log.db is missing" in refusal(out.getvalue(), empty(tmp_path / "new"))


def test_an_interrupted_restore_is_undone(installation: Installation, tmp_path: Path) -> None:
    """Ctrl-C, after part of it was in its place."""
    place = empty(tmp_path / "new")
    archive = archived(installation, tmp_path)
    looked: list[str] = []

    def interrupt(name: str, _: Path) -> list[str]:
        looked.append(name)
        if len(looked) == 2:
            raise KeyboardInterrupt
        return []

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(place, io.BytesIO(archive), examine=interrupt, progress=quiet)
    assert not place.data_dir.exists()


def test_a_restore_that_was_killed_stops_the_server_and_the_next_restore(
    installation: Installation, tmp_path: Path
) -> None:
    place = empty(tmp_path / "new")
    place.data_dir.mkdir(mode=0o700)
    place.data_dir.joinpath(RESTORING).mkdir()
    assert "did not finish" in refusal(archived(installation, tmp_path), place)
    with pytest.raises(CannotStart, match="did not finish"):
        prepare_data_dir(place.data_dir)


def test_a_place_that_cannot_be_written_is_said_plainly(installation: Installation, tmp_path: Path) -> None:
    tmp_path.joinpath("file").touch()
    assert "Nothing was restored" in refusal(archived(installation, tmp_path), empty(tmp_path / "file" / "new"))


def test_checking_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    archive = archived(installation, tmp_path)
    folder = tmp_path / "check"
    folder.mkdir()
    about = restoring.check(installation, io.BytesIO(archive), folder, examine=whole, progress=quiet)
    assert about["made"] == "2026-09-21T14:13:20+00:00"
    with pytest.raises(CannotStart):
        restoring.check(installation, io.BytesIO(archive[:5000]), tmp_path, examine=whole, progress=quiet)
