"""What an older version wrote is served by this one: its accounts, its chats and its sessions go on."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, insert, select, text

from batiyoun.storage.postgres import migrate as messages
from batiyoun.storage.sql import migrate as accounts
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sqlite.schema import APPLICATION_ID, MIGRATIONS
from tests.harness.people import Person, Town
from tests.harness.postgres import Postgres
from tests.harness.releases import bring_to, revisions
from tests.harness.server import Server

CHATLOG = ("chats", "members", "log")


def _rows(connection: Connection) -> dict[str, list[dict[str, object]]]:
    tables = MetaData()
    tables.reflect(connection)
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in tables.sorted_tables
        if table.name not in {"alembic_version", "needs"}
    }


def _fill(connection: Connection, rows: dict[str, list[dict[str, object]]]) -> None:
    """Put what that version could keep into its tables."""
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        kept = [{name: row[name] for name in table.columns.keys() & row.keys()} for row in rows.get(table.name, [])]
        if kept:
            connection.execute(insert(table), kept)


async def age_accounts(source: str, target: str, revision: str) -> None:
    """Write the accounts of one database to another, in the tables of an older version."""
    new, old = Database(source), Database(target)
    try:
        async with new.reading() as connection:
            rows = await connection.run_sync(_rows)
        async with old.writing() as connection:
            await connection.run_sync(lambda sync: bring_to(accounts.REVISIONS, sync, revision))
        async with old.writing() as connection:
            await connection.run_sync(_fill, rows)
    finally:
        await new.close()
        await old.close()


def age_log_file(path: Path, version: int) -> None:
    """Make a log.db what it was in an older version."""
    old = path.with_name("old.db")
    with closing(sqlite3.connect(old)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        connection.executescript(f"pragma application_id={APPLICATION_ID}; pragma user_version={version};")
        connection.execute("attach ? as new", (str(path),))
        names = [name for (name,) in connection.execute("select name from main.sqlite_schema where type = 'table'")]
        for name in names:
            columns = ", ".join(row[1] for row in connection.execute(f"pragma main.table_info({name})"))
            connection.execute(f"delete from main.{name}")  # noqa: S608  # a name of ours
            connection.execute(f"insert into main.{name}({columns}) select {columns} from new.{name}")  # noqa: S608
        connection.commit()
    for each in path.parent.glob("log.db*"):
        each.unlink()
    old.replace(path)
    path.chmod(0o600)


async def age_chatlog(source: str, target: str, revision: str) -> None:
    """Write the chats of one database to another, in the tables of an older version."""
    new, old = Database(source), Database(target)
    try:
        async with old.writing() as connection:
            await connection.execute(text("create schema chatlog"))
            await connection.run_sync(lambda sync: bring_to(messages.REVISIONS, sync, revision))
        for table in CHATLOG:
            every = f"select to_jsonb(t)::text from chatlog.{table} t"  # noqa: S608  # a name of ours
            as_row = f"jsonb_populate_record(null::chatlog.{table}, cast(:row as jsonb))"
            one = f"insert into chatlog.{table} overriding system value select * from {as_row}"  # noqa: S608
            async with new.reading() as connection:
                rows = (await connection.execute(text(every))).scalars().all()
            async with old.writing() as connection:
                await connection.execute(text(one), [{"row": row} for row in rows])
        newest = "select setval(pg_get_serial_sequence('chatlog.chats', 'ref'), max(ref)) from chatlog.chats"
        async with old.writing() as connection:
            await connection.execute(text(newest))
    finally:
        await new.close()
        await old.close()


class Past:
    """Two people who talked."""

    def __init__(self, town: Town, asha: Person, ravi: Person, chat: str) -> None:
        self.town, self.asha, self.ravi, self.chat = town, asha, ravi, chat

    @classmethod
    async def on(cls, server: Server) -> Past:
        """They talk on a running server."""
        town = Town(server.url)
        asha, ravi = [await town.sign_up(name) for name in ("asha", "ravi")]
        chat = await asha.create_chat(ravi, name="Ghat")
        for number in range(1, 6):
            assert (await asha.put(chat, f"before {number}", f"before-{number}")).is_success
        return cls(town, asha, ravi, chat)

    async def goes_on(self) -> None:
        """Their sessions, passwords, chat and history are there, and grow."""
        me = await self.asha.http.get("/api/auth/verify-me")
        assert me.json()["user"]["username"] == "asha"
        async with self.town.visitor() as http:
            wish = {"identifier": "ravi", "password": self.ravi.password}
            answer = await http.post("/api/auth/login", json=wish)
            assert answer.is_success, answer.text
        retry = await self.asha.put(self.chat, "before 5", "before-5")
        assert retry.json()["seq"] == 5
        async with self.ravi.online() as live:
            sent = await self.asha.put(self.chat, "after", "after")
            assert (sent.json()["seq"], sent.status_code) == (6, 201)
            heard = await live.wait_for("new_message", lambda arguments: arguments[0]["seq"] == 6)
            assert heard[0]["content"] == "after"
        history = await self.ravi.history(self.chat)
        assert [each["content"] for each in history] == [*(f"before {number}" for number in range(1, 6)), "after"]
        assert (await self.ravi.create_chat(self.asha)) != self.chat
        await self.town.sign_up("meera")


ACCOUNTS = [revisions(accounts.REVISIONS)[0], revisions(accounts.REVISIONS)[-2]]


@pytest.mark.parametrize("revision", ACCOUNTS)
async def test_files_of_an_older_version_are_served(revision: str, tmp_path: Path) -> None:
    server = Server(tmp_path)
    with server:
        past = await Past.on(server)
        server.stop()
        data = server.data_dir
        now, old = [f"sqlite+aiosqlite:///{data / name}" for name in ("accounts.db", "old.db")]
        await age_accounts(now, old, revision)
        for each in data.glob("accounts.db*"):
            each.unlink()
        (data / "old.db").replace(data / "accounts.db")
        await asyncio.to_thread(age_log_file, data / "log.db", len(MIGRATIONS) - 1)
        server.start()
        await past.goes_on()
        server.stop()
        assert "whole" in server.run("doctor")
    await past.town.close()


@pytest.mark.parametrize("revision", ACCOUNTS)
async def test_a_database_of_an_older_version_is_served_after_it_was_migrated(
    revision: str, tmp_path: Path, postgres: Postgres
) -> None:
    now, old = postgres.url(postgres.database()), postgres.url(postgres.database())
    settings = {"DATABASE_URL": now, "MESSAGES_URL": now.replace("+asyncpg", "")}
    server = Server(tmp_path, **settings)
    server.run("migrate")
    with server:
        past = await Past.on(server)
        server.stop()
        await age_accounts(now, old, revision)
        await age_chatlog(now, old, revisions(messages.REVISIONS)[-2])
        settings = {"DATABASE_URL": old, "MESSAGES_URL": old.replace("+asyncpg", ""), "PORT": str(server.port)}
        upgraded = Server(tmp_path, **settings)
        upgraded.launch()
        assert upgraded.exit_code() == 78
        assert "run `batiyoun migrate`" in upgraded.output
        said = upgraded.run("migrate")
        assert f"Accounts: migrated from {revision} to {accounts.head()}." in said
        assert f"to {messages.head()}." in said
        with upgraded:
            await past.goes_on()
    await past.town.close()
