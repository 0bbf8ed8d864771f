"""`batiyoun backup` and `restore` on a real installation, while people write."""

from __future__ import annotations

import asyncio
import io
import os
import shlex
import subprocess
import tarfile
from pathlib import Path

from tests.harness import forge
from tests.harness.forge import BATIYOUN
from tests.harness.people import Town
from tests.harness.server import Server

COMMAND = shlex.join(BATIYOUN)


def shell(line: str, environment: dict[str, str]) -> str:
    """Run a line with pipes; what it said on the side."""
    command = ["bash", "-o", "pipefail", "-c", line]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stderr


async def run(server: Server, *arguments: str, data_dir: Path | None = None) -> tuple[int, str]:
    """The command on the server's settings: its exit code, and everything it said."""
    environment = server.environment | ({"BATIYOUN_DATA_DIR": str(data_dir)} if data_dir else {})
    done = await asyncio.to_thread(forge.run, *arguments, environment=environment)
    return done.returncode, done.stdout + done.stderr


async def test_a_backup_made_while_messages_flow_holds_all_that_was_acknowledged(
    server: Server, tmp_path: Path
) -> None:
    town = Town(server.url)
    asha, bala = [await town.sign_up(name) for name in ("asha", "bala")]
    chat = await asha.create_chat(bala)
    acknowledged: list[str] = []
    stop = asyncio.Event()

    async def write() -> None:
        async with asha.online() as live:
            while not stop.is_set():
                number = len(acknowledged)
                answers = await asyncio.gather(
                    *(live.send(chat, "x" * 2000, f"c-{number + step}") for step in range(20))
                )
                assert all(answer["ok"] for answer in answers)
                acknowledged.extend(answer["id"] for answer in answers)

    writing = asyncio.create_task(write())
    archives = [tmp_path / f"{number}.tar" for number in range(3)]
    known: list[set[str]] = []
    for archive in archives:
        while len(acknowledged) < 200 * (len(known) + 1):
            assert not writing.done()
            await asyncio.sleep(0.02)
        known.append(set(acknowledged))
        code, said = await run(server, "backup", str(archive))
        assert code == 0, said
        assert "Backed up" in said
        assert len(acknowledged) > len(known[-1]), "nothing was written during the backup"
    stop.set()
    await writing
    before = [message["id"] for message in await bala.history(chat)]
    tokens = [cookie.value for cookie in asha.http.cookies.jar]
    await town.close()
    server.kill()

    for number, (archive, ids) in enumerate(zip(archives, known, strict=True)):
        folder = tmp_path / f"restored{number}"
        folder.mkdir()
        code, said = await run(server, "restore", str(archive), data_dir=folder / "data")
        assert code == 0, said
        with Server(folder) as copy:
            people = Town(copy.url)
            again = people.visitor()
            login = await again.post("/api/auth/login", json={"identifier": "bala", "password": bala.password})
            assert login.status_code == 200
            bala.http = again
            history = await bala.history(chat)
            # a beginning of the real log, without gaps, with everything that was acknowledged before the backup began
            assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
            assert [message["id"] for message in history] == before[: len(history)]
            assert ids <= {message["id"] for message in history}
            # sessions and keys came along: whoever was signed in still is
            again.cookies.clear()
            again.cookies.update({cookie.name: cookie.value or "" for cookie in asha.http.cookies.jar})
            assert tokens
            assert (await again.get("/api/auth/verify-me")).status_code == 200
            code, said = await run(copy, "doctor")
            assert code == 0, said
            assert "PROBLEM" not in said
            await again.aclose()


async def test_a_restored_installation_takes_new_messages(server: Server, tmp_path: Path) -> None:
    town = Town(server.url)
    asha, bala = [await town.sign_up(name) for name in ("asha", "bala")]
    chat = await asha.create_chat(bala)
    assert (await asha.put(chat, "before", "one")).status_code == 201
    assert (await run(server, "backup", str(tmp_path / "b.tar")))[0] == 0
    server.stop()
    server.data_dir.rename(tmp_path / "old")
    assert (await run(server, "restore", str(tmp_path / "b.tar")))[0] == 0
    server.start()
    assert (await asha.put(chat, "before", "one")).status_code == 200  # the same message, known
    assert (await asha.put(chat, "after", "two")).status_code == 201
    assert [message["content"] for message in await bala.history(chat)][-2:] == ["before", "after"]
    await town.close()


async def test_pipes_directories_and_checks(server: Server, tmp_path: Path) -> None:
    """`batiyoun backup - | …` and `… | batiyoun restore -`; a directory names the file by the time."""
    piped = tmp_path / "piped.tar.gz"
    said = await asyncio.to_thread(shell, f"{COMMAND} backup - | gzip > {piped}", server.environment)
    assert "Backed up" in said
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    assert (await run(server, "backup", str(shelf)))[0] == 0
    (kept,) = shelf.iterdir()
    assert kept.name.startswith("batiyoun-2")
    assert kept.stat().st_mode & 0o777 == 0o600
    for archive in (piped, kept):
        code, said = await run(server, "restore", "--check", str(archive), data_dir=tmp_path / "nowhere")
        assert code == 0, said
        assert "is whole and can be restored" in said
    assert not (tmp_path / "nowhere").exists()
    elsewhere = server.environment | {"BATIYOUN_DATA_DIR": str(tmp_path / "copy")}
    await asyncio.to_thread(shell, f"zcat {piped} | {COMMAND} restore -", elsewhere)
    assert {"log.db", "accounts.db"} <= {path.name for path in (tmp_path / "copy").iterdir()}


async def test_what_is_refused(server: Server, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar"
    assert (await run(server, "backup", str(archive)))[0] == 0
    code, said = await run(server, "backup", str(archive))
    assert (code, "a backup never overwrites" in said) == (78, True)
    code, said = await run(server, "restore", str(archive))  # while it runs
    assert (code, "restoring never overwrites" in said) == (78, True)
    code, said = await run(server, "backup", str(tmp_path / "nowhere" / "b.tar"))
    assert (code, "cannot be written" in said) == (73, True)
    code, said = await run(server, "restore", str(tmp_path / "nowhere"), data_dir=tmp_path / "new")
    assert (code, "cannot be read" in said) == (78, True)
    damaged = bytearray(archive.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(damaged)) as tar:
        damaged[tar.getmember("data/log.db").offset_data + 5000] ^= 0x40
    archive.write_bytes(damaged)
    code, said = await run(server, "restore", str(archive), data_dir=tmp_path / "new")
    assert (code, "data/log.db is not what was written" in said) == (65, True)
    assert not (tmp_path / "new").exists()
    assert "Traceback" not in said


async def test_servers_databases_have_their_own_tools(tmp_path: Path) -> None:
    for name, value in {"DATABASE_URL": "postgresql://a@b/c", "MESSAGES_URL": "mongodb://a/b"}.items():
        server = Server(tmp_path, **{name: value})
        for command in (("backup", "x.tar"), ("restore", "x.tar")):
            code, said = await run(server, *command)
            assert (code, f"BATIYOUN_{name}" in said, "pg_dump" in said) == (78, True, True), said


async def test_a_row_that_was_flipped_makes_no_backup(server: Server, tmp_path: Path) -> None:
    """SQLite does not see it, the row's checksum does: a good backup is not replaced by a bad one."""
    town = Town(server.url)
    asha, bala = [await town.sign_up(name) for name in ("asha", "bala")]
    chat = await asha.create_chat(bala)
    await asha.put(chat, "needle-in-the-log", "one")
    await town.close()
    server.stop()
    log = server.data_dir / "log.db"
    content = log.read_bytes()
    assert content.count(b"needle-in-the-log") == 1
    log.write_bytes(content.replace(b"needle-in-the-log", b"noodle-in-the-log"))
    code, said = await run(server, "backup", str(tmp_path / "b.tar"))
    assert (code, "keep the last good one" in said) == (65, True), said
    assert not {"b.tar", "b.tar.part"} & set(os.listdir(tmp_path))
    code, said = await run(server, "doctor")
    assert code == 65
    assert "batiyoun restore" in said
