"""`batiyoun report …`: what people reported, from the command line, while the server runs or not.

Imports only what its help needs; what a command does is imported when it runs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import click

from batiyoun.errors import BatiyounError, Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from batiyoun.reports.desk import ReportDesk
    from batiyoun.reports.model import Report

Open = Callable[[Any], AbstractAsyncContextManager["ReportDesk"]]

# sysexits.h
EXIT_DATA = 65
EXIT_NO_REPORT = 67
EXIT_REFUSED = 77

#: characters of an id that are shown: the whole time of a UUIDv7, and some chance
SHORT = 18
TIME = "%Y-%m-%d %H:%M UTC"
WHICH = click.argument("which", metavar="REPORT")


def report_commands(open_desk: Open, plainly: Callable[[Any], Any], fail: Callable[[str, int], Any]) -> click.Group:
    """The group of commands; `plainly` turns what may go wrong with a database into a sentence."""

    @plainly
    def run(context: click.Context, work: Callable[[ReportDesk], Awaitable[Any]]) -> Any:
        return asyncio.run(_within(open_desk(context.obj), work, fail))

    @click.group()
    def report() -> None:
        """Reports: read what people tell of each other, and close it. REPORT is an id, or how it begins."""

    @report.command("list")
    @click.option("--all", "closed", is_flag=True, help="Closed ones, too.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
    @click.pass_context
    def list_(context: click.Context, closed: bool, as_json: bool) -> None:
        """Show what is open, the newest first."""
        run(context, lambda desk: (_print_json if as_json else _print_table)(desk.reports(closed=closed)))

    @report.command()
    @WHICH
    @click.pass_context
    def show(context: click.Context, which: str) -> None:
        """Show one report whole, with the messages that the reporter chose to show."""

        async def print_one(desk: ReportDesk) -> None:
            found = await desk.find(which)
            people = {found.reporter_id, found.user_id, *(each.sender_id for each in found.messages)}
            _print_whole(found, dict(await desk.names(people)))

        run(context, print_one)

    @report.command()
    @WHICH
    @click.pass_context
    def close(context: click.Context, which: str) -> None:
        """Say that a report is dealt with. It is kept for 90 days more."""
        click.echo(f"Closed {run(context, lambda desk: desk.close(which)).id}.")

    return report


async def _within(
    opened: AbstractAsyncContextManager[ReportDesk],
    work: Callable[[ReportDesk], Awaitable[Any]],
    fail: Callable[[str, int], Any],
) -> Any:
    async with opened as desk:
        try:
            return await work(desk)
        except NotFound as exc:
            fail(exc.public, EXIT_NO_REPORT)
        except Conflict as exc:
            fail(exc.public, EXIT_REFUSED)
        except Unavailable:
            raise
        except BatiyounError as exc:
            fail(exc.public, EXIT_DATA)


async def _print_table(reports: AsyncIterator[tuple[Report, str, str]]) -> None:
    rows = [("REPORT", "SINCE", "ABOUT", "BY", "REASON", "SHOWN", "STATE")]
    async for report, reporter, about in reports:
        state = "open" if report.closed_at is None else "closed"
        shown = str(len(report.messages))
        rows.append((report.id[:SHORT], f"{report.at:%Y-%m-%d}", about, reporter, report.reason, shown, state))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)
    if len(rows) == 1:
        click.echo("Nobody has reported anything that is open.", err=True)


async def _print_json(reports: AsyncIterator[tuple[Report, str, str]]) -> None:
    async for report, reporter, about in reports:
        entry = {
            "id": report.id,
            "by": reporter,
            "about": about,
            "chatId": report.chat_id,
            "reason": report.reason,
            "note": report.note,
            "at": report.at.isoformat(),
            "closedAt": None if report.closed_at is None else report.closed_at.isoformat(),
            "messages": [
                {"id": each.message_id, "senderId": each.sender_id, "at": each.at.isoformat(), "text": each.text}
                for each in report.messages
            ],
        }
        click.echo(json.dumps(entry, ensure_ascii=False))


def _print_whole(report: Report, names: dict[str, str]) -> None:
    click.echo(click.style(f"Report {report.id}", bold=True))
    reporter, about = names[report.reporter_id], names[report.user_id]
    click.echo(f"{reporter} reports {about} for {report.reason}, {report.at:{TIME}}")
    if report.chat_id is not None:
        click.echo(f"Chat {report.chat_id}")
    if report.note:
        click.echo(f"\n{_plain(report.note)}")
    if report.messages:
        click.echo("\nWho wrote and when is what this server knows. The words are what the reporter's browser says:")
    for each in report.messages:
        click.echo(f"\n{each.at:{TIME}}  {names[each.sender_id]}\n  {_plain(each.text, '  ')}")
    if report.closed_at is not None:
        click.echo(f"\nClosed {report.closed_at:{TIME}}.")


def _plain(text: str, indent: str = "") -> str:
    """Words of strangers on a terminal: no control characters (ECMA-48), which could change what is shown."""
    lines = text.splitlines() or [""]
    return f"\n{indent}".join("".join(each if each.isprintable() else "�" for each in line) for line in lines)
