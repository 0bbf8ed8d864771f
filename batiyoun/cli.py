"""The command line. Imports what a command needs inside of it, so that every command starts at once.

What goes wrong is one sentence with a way out and an exit code of sysexits.h, never a traceback.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, ParamSpec, TypeVar

import click

from batiyoun import __version__
from batiyoun.cli_reports import report_commands
from batiyoun.cli_users import user_commands
from batiyoun.startup import EXIT_CONFIG, EXIT_UNAVAILABLE, CannotStart

if TYPE_CHECKING:
    from batiyoun.admin.service import Admin
    from batiyoun.reports.desk import ReportDesk
    from batiyoun.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def _fail(message: str, exit_code: int) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(exit_code)


def _plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turns what may go wrong into a sentence."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from batiyoun.errors import Unavailable

        try:
            return command(*args, **kwargs)
        except CannotStart as exc:
            _fail(str(exc), exc.exit_code)
        except Unavailable:
            _fail("The database does not answer: start it, or correct BATIYOUN_DATABASE_URL.", EXIT_UNAVAILABLE)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="batiyoun")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read settings from a file of NAME=value lines; the environment is stronger.",
)
@click.pass_context
def main(context: click.Context, env_file: Path | None) -> None:
    """Batiyoun, a self-hosted messenger. Settings are environment variables: see `batiyoun config --docs`."""
    context.obj = env_file
    os.umask(0o077)  # databases and keys are for this user alone


@main.command()
@click.option("--role", type=click.Choice(["all", "api", "realtime", "worker"]), help="Overrides BATIYOUN_ROLE.")
@click.option("--workers", type=int, help="Processes on the port; overrides BATIYOUN_WORKERS.")
@click.option("--port", type=int, hidden=True)
@click.option("--seat", hidden=True, help="The place of a process that a supervisor started.")
@click.pass_obj
@_plainly
def serve(env_file: Path | None, role: str | None, workers: int | None, port: int | None, seat: str | None) -> None:
    """Start the server, or one role of it."""
    given = {"role": role, "workers": workers, "port": port}
    settings = _settings(env_file, **{name: value for name, value in given.items() if value is not None})
    from batiyoun.workers import Seat

    if settings.workers > 1 and seat is None:
        raise SystemExit(_supervise(env_file, settings))
    from batiyoun.app import build
    from batiyoun.observe.logging import configure_logging
    from batiyoun.web.client import client_built

    configure_logging(settings.log_format, settings.log_level)
    if not client_built():
        click.echo("Notice: the web app was not built; the API works. `make run` builds it.", err=True)
    build(settings).serve(seat=None if seat is None else Seat.parse(seat))


@main.command()
@click.option(
    "--phase",
    type=click.Choice(["pre", "post"]),
    default="post",
    help="pre: only what this version needs, while servers of the release before still run. post: everything, when "
    "none of them is left.",
)
@click.pass_obj
@_plainly
def migrate(env_file: Path | None, phase: Literal["pre", "post"]) -> None:
    """Bring every configured store to this version. Safe to repeat, and while another process does the same."""
    import asyncio

    settings = _settings(env_file)
    from batiyoun.parts.offline import migrate_stores

    for what, (before, now) in asyncio.run(migrate_stores(settings, phase)).items():
        done = f"at {now} already" if before == now else f"migrated from {before or 'empty'} to {now}"
        click.echo(f"{what.capitalize()}: {done}.")


@main.command()
@click.option("--mail", is_flag=True, help="Also sign in at the mail server; no letter is sent.")
@click.option("--public", is_flag=True, help="Also ask the public address, through whatever is in front.")
@click.option("--quick", is_flag=True, help="Look at the newest messages only, not at every one.")
@click.pass_obj
@_plainly
def doctor(env_file: Path | None, mail: bool, public: bool, quick: bool) -> None:
    """Look for trouble: settings, data, stores, clock, certificate.

    Changes nothing and may run beside the server. The exit code is 0 when the server can serve, else that of the first
    problem: 65 damaged data, 69 something does not answer, 73 cannot write, 78 settings.
    """
    import asyncio

    settings = _settings(env_file)
    from batiyoun.parts.stores import check_all
    from batiyoun.runtime import Runtime
    from batiyoun.upkeep.doctor import examine, exit_code
    from batiyoun.upkeep.finding import Finding

    async def look() -> list[Finding]:
        found = []
        async for finding in examine(settings, Runtime(), check_all(settings, quick=quick), mail=mail, public=public):
            click.echo(f"{finding.grade.value:<8} {finding.about}: {finding.sentence}")
            found.append(finding)
        return found

    click.echo("ok       settings: they fit together.")
    raise SystemExit(exit_code(asyncio.run(look())))


@main.command()
@click.option("--live", is_flag=True, help="Ask only whether the process lives, not whether it can serve.")
@click.pass_obj
@_plainly
def health(env_file: Path | None, live: bool) -> None:
    """Ask the server on this machine whether it is ready. For health checks of containers: the exit code is 0 or 69."""
    from batiyoun.upkeep.outside import ask

    status, body = ask(_settings(env_file), "/health/live" if live else "/health/ready")
    click.echo(body.decode(errors="replace"))
    if status != 200:
        raise SystemExit(EXIT_UNAVAILABLE)


@main.command()
@click.argument("target", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
@_plainly
def backup(env_file: Path | None, target: Path) -> None:
    """Copy everything that the server keeps into one file, while it runs.

    TARGET is a new file, a directory (the file is then named by the time), or - for the standard output. It holds the
    server's keys, so keep it as safe as the server. For the embedded databases only.
    """
    settings = _settings(env_file)
    from batiyoun.parts.stores import examine
    from batiyoun.upkeep.commands import back_up_to

    click.echo(back_up_to(settings, target, examine), err=True)


@main.command()
@click.argument("source", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", is_flag=True, help="Only find out whether the backup could be restored.")
@click.pass_obj
@_plainly
def restore(env_file: Path | None, source: Path, check: bool) -> None:
    """Put a backup into an empty data directory. Overwrites nothing; a damaged backup is refused as a whole."""
    settings = _settings(env_file)
    from batiyoun.parts.stores import examine
    from batiyoun.upkeep.commands import check_backup, restore_from

    click.echo((check_backup if check else restore_from)(settings, source, examine))


@main.command()
@click.option("--docs", is_flag=True, help="Print the reference of all settings as Markdown instead.")
@click.pass_obj
@_plainly
def config(env_file: Path | None, docs: bool) -> None:
    """Print the effective settings, secrets masked."""
    from batiyoun.settings_reference import effective, reference

    if docs:
        click.echo(reference(), nl=False)
        return
    for line in effective(_settings(env_file)):
        click.echo(line)


@main.command()
@_plainly
def schema() -> None:
    """Print the public contract: REST (OpenAPI) and socket events, as one JSON document."""
    from batiyoun.app import contract

    click.echo(json.dumps(contract(), indent=2, ensure_ascii=False))


@main.group()
def keys() -> None:
    """The keys that sign access tokens."""


@keys.command("list")
@click.pass_obj
@_plainly
def list_keys(env_file: Path | None) -> None:
    """Print which keys there are, the oldest first; the private halves stay where they are."""
    settings = _settings(env_file)
    from batiyoun.key_files import describe_keys
    from batiyoun.runtime import Runtime

    for line in describe_keys(settings, Runtime()):
        click.echo(line)


@keys.command()
@click.option("--leaked", is_flag=True, help="The key until now is void at once, with every token that it signed.")
@click.pass_obj
@_plainly
def rotate(env_file: Path | None, leaked: bool) -> None:
    """Make a new key. A server that runs takes it within half a minute and signs with it ten minutes later.

    Nobody has to sign in again: access tokens live five minutes, and browsers and apps fetch the next one.
    """
    settings = _settings(env_file)
    from batiyoun.key_files import rotate_keys
    from batiyoun.runtime import Runtime

    key_id = rotate_keys(settings, Runtime(), leaked=leaked)
    click.echo(f"{key_id} signs {'within half a minute; the keys before are void.' if leaked else 'in ten minutes.'}")


@main.group()
def storage() -> None:
    """Where accounts and messages are kept."""


@storage.command("move")
@click.option(
    "--from",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data directory of the embedded installation; BATIYOUN_DATA_DIR unless given.",
)
@click.option("--to", "targets", multiple=True, required=True, help="postgresql://… or mongodb://…, or both.")
@click.pass_obj
@_plainly
def move_storage(env_file: Path | None, folder: Path | None, targets: tuple[str, ...]) -> None:
    """Copy an embedded installation to PostgreSQL, or to PostgreSQL and MongoDB. Stop the server first.

    PostgreSQL takes the accounts, and the messages unless a MongoDB takes those. Everything is compared afterwards; a
    move that was cut short goes on where it stopped when it is started again. The old databases are not changed.
    """
    import asyncio

    settings = _settings(env_file)
    from batiyoun.parts.offline import move_installation

    for sentence in asyncio.run(move_installation(folder or settings.data_dir, targets)):
        click.echo(sentence)


def _supervise(env_file: Path | None, settings: Settings) -> int:
    """Run several processes on one port; the exit code."""
    import asyncio

    from batiyoun.observe.logging import configure_logging
    from batiyoun.web.shell import ServeError, reserve
    from batiyoun.workers import Seat, Supervisor, this_program

    configure_logging(settings.log_format, settings.log_level)
    files = [] if env_file is None else ["--env-file", str(env_file)]

    def command(port: int, seat: Seat) -> list[str]:
        options = ["--role", settings.role, "--workers", str(settings.workers), "--port", str(port)]
        return this_program(*files, "serve", *options, "--seat", str(seat))

    def announce(port: int) -> None:
        click.echo(f"Batiyoun is ready: {settings.address_to_open(port)} ({settings.workers} processes)")

    try:
        sockets, port = reserve(settings.host, settings.port)
    except ServeError as error:
        raise CannotStart(str(error)) from error
    stop_seconds = settings.unready_seconds + settings.drain_seconds
    supervisor = Supervisor(settings.workers, command, announce, stop_seconds=stop_seconds)
    try:
        return asyncio.run(supervisor.run(port))
    finally:
        for each in sockets:
            each.close()


@contextlib.asynccontextmanager
async def _accounts(env_file: Path | None) -> AsyncIterator[Admin]:
    settings = _settings(env_file)
    from batiyoun.parts.administration import administration
    from batiyoun.runtime import Runtime

    async with administration(settings, Runtime()) as admin:
        yield admin


@contextlib.asynccontextmanager
async def _reports(env_file: Path | None) -> AsyncIterator[ReportDesk]:
    settings = _settings(env_file)
    from batiyoun.parts.administration import report_desk
    from batiyoun.runtime import Runtime

    async with report_desk(settings, Runtime()) as desk:
        yield desk


main.add_command(user_commands(_accounts, _plainly))
main.add_command(report_commands(_reports, _plainly, _fail))


def _settings(env_file: Path | None, **overrides: object) -> Settings:
    from batiyoun.settings import SettingsInvalid, load_settings, unknown_variables

    for warning in unknown_variables():
        click.echo(f"Warning: {warning}", err=True)
    try:
        return load_settings(env_file, **overrides)
    except SettingsInvalid as exc:
        _fail("\n".join(exc.problems), EXIT_CONFIG)
