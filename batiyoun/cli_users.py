"""`batiyoun user …`: accounts from the command line, while the server runs or not.

Imports only what its help needs; what a command does is imported when it runs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from batiyoun.errors import BatiyounError, Conflict, Forbidden, Unavailable, UserNotFound

if TYPE_CHECKING:
    from batiyoun.admin.service import Admin
    from batiyoun.users.model import User

T = TypeVar("T")
#: Opens the accounts of the settings that the command line was given (click's object).
Open = Callable[[Any], AbstractAsyncContextManager["Admin"]]

#: Opens the accounts, does the work, and says in a sentence what went wrong.
Run = Callable[[click.Context, Callable[["Admin"], Awaitable[Any]]], Any]

# sysexits.h
EXIT_DATA = 65
EXIT_NO_USER = 67
EXIT_REFUSED = 77

WHO = click.argument("who", metavar="WHO")


def user_commands(open_admin: Open, plainly: Callable[[Any], Any]) -> click.Group:
    """The group of commands; `plainly` turns what may go wrong with a database into a sentence."""

    @plainly
    def run(context: click.Context, work: Callable[[Admin], Awaitable[Any]]) -> Any:
        return asyncio.run(_within(open_admin(context.obj), work))

    @click.group()
    def user() -> None:
        """Accounts: list, make, disable, delete. WHO is a username, an e-mail address or an id.

        A running server follows within two seconds.
        """

    _add_making(user, run)
    _add_deciding(user, run)

    @user.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
    @click.pass_context
    def list_(context: click.Context, as_json: bool) -> None:
        """Show everybody, in the order of their coming."""

        async def show(admin: Admin) -> None:
            await (_print_json if as_json else _print_table)(admin.people())

        run(context, show)

    return user


def _add_making(user: click.Group, run: Run) -> None:
    @user.command()
    @click.argument("username")
    @click.argument("email")
    @click.option("--name", "display_name", help="The name that others see; the username unless given.")
    @click.option("--admin", is_flag=True, help="Make an admin. The very first account is the owner in any case.")
    @click.option(
        "--password-stdin", is_flag=True, help="Read the password from the standard input instead of making one."
    )
    @click.pass_context
    def create(
        context: click.Context, username: str, email: str, display_name: str | None, admin: bool, password_stdin: bool
    ) -> None:
        """Make an account, whatever the sign-up policy says, and print its password once."""
        given = _read_password() if password_stdin else None
        name, address, shown = _checked_account(username, email, display_name)
        if given is not None:
            _check_password(given, name, address)

        async def make(accounts: Admin) -> tuple[User, str]:
            password = given or accounts.new_password()
            made = await accounts.create(
                username=name, email=address, display_name=shown, password=password, admin=admin
            )
            return made, password

        made, password = run(context, make)
        _say(f"Made {_who(made)}, {_article(made.role)}.")
        _show_password(password, given)

    @user.command("reset-password")
    @WHO
    @click.option(
        "--password-stdin", is_flag=True, help="Read the password from the standard input instead of making one."
    )
    @click.pass_context
    def reset_password(context: click.Context, who: str, password_stdin: bool) -> None:
        """Give somebody a new password, print it once, and sign them out everywhere."""
        given = _read_password() if password_stdin else None

        async def reset(admin: Admin) -> tuple[User, str]:
            found = await admin.find(who)
            password = given or admin.new_password()
            _check_password(password, found.username, found.email)
            return await admin.reset_password(found.id, password), password

        found, password = run(context, reset)
        _say(f"{_who(found)} has a new password and is signed out everywhere.")
        _show_password(password, given)


def _add_deciding(user: click.Group, run: Run) -> None:
    @user.command()
    @WHO
    @click.pass_context
    def disable(context: click.Context, who: str) -> None:
        """Sign somebody out everywhere and let them in no more. Nothing of theirs is deleted."""
        _say(f"Disabled {_who(run(context, lambda admin: admin.disable(who)))}.")

    @user.command()
    @WHO
    @click.pass_context
    def enable(context: click.Context, who: str) -> None:
        """Let somebody in again."""
        _say(f"Enabled {_who(run(context, lambda admin: admin.enable(who)))}.")

    @user.command("make-admin")
    @WHO
    @click.option("--revoke", is_flag=True, help="Take it back.")
    @click.pass_context
    def make_admin(context: click.Context, who: str, revoke: bool) -> None:
        """Make somebody an admin of this server."""
        found = run(context, lambda admin: admin.set_admin(who, not revoke))
        _say(f"{_who(found)} is {'no longer' if revoke else 'now'} an admin.")

    @user.command()
    @WHO
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.pass_context
    def delete(context: click.Context, who: str, yes: bool) -> None:
        """Delete somebody's account, for ever. What they wrote stays, under the name of a deleted account."""
        found = run(context, lambda admin: admin.find(who))
        if not yes:
            if not sys.stdin.isatty():
                _fail("Nobody is there to be asked: give --yes.", EXIT_DATA)
            click.confirm(f"Delete {_who(found)} for ever?", abort=True)
        run(context, lambda admin: admin.delete(found.id))
        _say(f"Deleted {_who(found)}.")


async def _within(opened: AbstractAsyncContextManager[Admin], work: Callable[[Admin], Awaitable[T]]) -> T:
    async with opened as admin:
        try:
            return await work(admin)
        except UserNotFound:
            _fail("There is nobody of that name, address or id: see `batiyoun user list`.", EXIT_NO_USER)
        except (Conflict, Forbidden) as exc:
            _fail(exc.public, EXIT_REFUSED)
        except Unavailable:
            raise
        except BatiyounError as exc:
            _fail(exc.public, EXIT_DATA)


def _checked_account(username: str, email: str, display_name: str | None) -> tuple[str, str, str | None]:
    """The values as a sign-up form would take them."""
    from pydantic import TypeAdapter, ValidationError

    from batiyoun.auth.routes import DisplayName, Email, Username

    def check(kind: Any, value: str | None, what: str) -> Any:
        try:
            return TypeAdapter(kind).validate_python(value)
        except ValidationError as exc:
            reason = str(exc.errors()[0]["msg"]).removeprefix("Value error, ")
            _fail(f"This {what} cannot be taken. {reason}", EXIT_DATA)

    shown = None if display_name is None else check(DisplayName, display_name, "name")
    return check(Username, username, "username"), check(Email, email, "address"), shown


def _check_password(password: str, *names: str) -> None:
    from batiyoun.auth.policy import check_own_password

    try:
        check_own_password(password, names)
    except ValueError as exc:
        _fail(f"This password cannot be taken. {exc}", EXIT_DATA)


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _show_password(password: str, given: str | None) -> None:
    if given is None:
        _say(f"The password, shown this once: {click.style(password, bold=True)}")


def _say(sentence: str) -> None:
    click.echo(sentence)


def _fail(sentence: str, exit_code: int) -> NoReturn:
    click.echo(click.style("Error: ", fg="red", bold=True) + sentence, err=True)
    raise SystemExit(exit_code)


def _who(user: User) -> str:
    return f"{user.username} ({user.email})"


def _article(role: str) -> str:
    return {"owner": "the owner of this server", "admin": "an admin", "member": "a member"}[role]


def _state(user: User) -> str:
    return "deleted" if user.deleted else "disabled" if user.disabled else "active"


_COLOURS = {"active": "green", "disabled": "yellow", "deleted": "bright_black"}


async def _print_table(people: AsyncIterator[User]) -> None:
    """Columns as wide as they must be; colours only where somebody looks."""
    rows = [("USERNAME", "NAME", "ADDRESS", "ROLE", "STATE", "SINCE")]
    async for user in people:
        address = "" if user.deleted else user.email
        since = f"{user.created_at:%Y-%m-%d}"
        rows.append((user.username, user.display_name, address, user.role, _state(user), since))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        if number == 0:
            cells = [click.style(cell, bold=True) for cell in cells]
        else:
            cells[4] = click.style(cells[4], fg=_COLOURS[row[4]])
        click.echo("  ".join(cells).rstrip())
    if len(rows) == 1:
        click.echo("Nobody has an account yet: the first who signs up owns the server.", err=True)


async def _print_json(people: AsyncIterator[User]) -> None:
    async for user in people:
        entry = {
            "id": user.id,
            "username": user.username,
            "displayName": user.display_name,
            "email": None if user.deleted else user.email,
            "verified": user.verified,
            "role": user.role,
            "state": _state(user),
            "createdAt": user.created_at.isoformat(),
        }
        click.echo(json.dumps(entry, ensure_ascii=False))
