"""upkeep/checks.py: each kind of trouble is found, named, and comes with its way out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from batiyoun.settings import Settings
from batiyoun.startup import RESTORING
from batiyoun.upkeep.checks import (
    check_certificate,
    check_clock,
    check_directory,
    check_mail,
    check_space,
    kernel_is_synchronised,
)
from batiyoun.upkeep.doctor import exit_code
from batiyoun.upkeep.finding import Finding, Grade, fine, problem, warning
from tests.harness.mail import open_mail_server

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def grades(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """What they are, and what the command would exit with."""
    return [(finding.grade.value, finding.exit_code) for finding in findings]


def sentence(findings: Iterable[Finding]) -> str:
    """All that is said."""
    return " ".join(finding.sentence for finding in findings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory as the server makes it."""
    made = tmp_path / "data"
    made.joinpath("keys").mkdir(parents=True, mode=0o700)
    made.chmod(0o700)
    for name in ("log.db", "code-key", "keys/signing-1.pem"):
        made.joinpath(name).touch(mode=0o600)
    return made


def test_the_first_problem_decides_about_the_exit_code() -> None:
    assert exit_code([fine("a", ""), warning("b", "")]) == 0
    assert exit_code([fine("a", ""), problem("b", "", 69), problem("c", "", 78)]) == 69


# ── directory and space ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_directory_as_it_should_be(folder: Path) -> None:
    assert grades(check_directory(folder)) == [("ok", 0)]


def test_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    found = list(check_directory(tmp_path / "a" / "b"))
    assert grades(found) == [("ok", 0)]
    assert "first start" in sentence(found)


def test_a_directory_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert grades(check_directory(tmp_path / "a")) == [("PROBLEM", 73)]
    assert grades(check_directory(tmp_path)) == [("PROBLEM", 73)]


def test_a_directory_of_somebody_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    found = list(check_directory(folder))
    assert grades(found) == [("PROBLEM", 78)]
    assert "chown" in sentence(found)


def test_53_who_else_can_look(folder: Path) -> None:
    folder.chmod(0o755)
    assert "chmod 700" in sentence(check_directory(folder))
    folder.chmod(0o700)
    for name, grade in (("log.db", "warning"), ("code-key", "PROBLEM"), ("keys/signing-1.pem", "PROBLEM")):
        path = folder / name
        path.chmod(0o640)
        found = list(check_directory(folder))
        assert [finding.grade.value for finding in found] == ["ok", grade], name
        assert f"chmod 600 {path}" in sentence(found)
        path.chmod(0o600)


def test_a_restore_that_did_not_finish(folder: Path) -> None:
    folder.joinpath(RESTORING).mkdir()
    assert ("PROBLEM", 78) in grades(check_directory(folder))


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "total", "grade"),
    [(50 << 30, 100 << 30, "ok"), (4 << 30, 100 << 30, "warning"), (900 << 20, 2 << 30, "warning"),
     (50 << 20, 100 << 30, "PROBLEM")],
)  # fmt: skip
def test_space(free: int, total: int, grade: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(total, total - free, free))
    for place in (folder, folder / "not" / "there"):
        (finding,) = check_space(place)
        assert finding.grade.value == grade


# ── clock ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_clock() -> None:
    def judge(newest: datetime | None, synchronised: bool | None) -> list[tuple[str, int]]:
        return grades(check_clock(NOW, newest, synchronised=lambda: synchronised))

    assert judge(None, True) == judge(NOW, None) == judge(NOW + timedelta(seconds=50), True) == [("ok", 0)]
    assert judge(NOW, False) == [("warning", 0)]
    assert judge(NOW + timedelta(hours=1), True) == [("PROBLEM", 78)]


def test_the_kernel_can_be_asked() -> None:
    assert kernel_is_synchronised() in {True, False, None}


# ── certificate ───────────────────────────────────────────────────────────────────────────────────────────────────────


def presented(folder: Path, *names: str, **options: Any) -> dict[str, Any]:
    """A certificate and its key as settings."""
    folder.mkdir(exist_ok=True)
    issued = trustme.CA().issue_cert(*names, **options)
    cert, key = folder / "cert.pem", folder / "key.pem"
    issued.private_key_pem.write_to_path(key)
    key.chmod(0o600)
    for number, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(cert, append=number > 0)
    return {"tls_cert": cert, "tls_key": key}


def judged(now: datetime = NOW, **settings: Any) -> list[Finding]:
    """What is said of a certificate."""
    return list(check_certificate(Settings(**settings), now))


def test_a_certificate_by_its_days(tmp_path: Path) -> None:
    end = datetime(2027, 2, 1, tzinfo=UTC)
    ours = presented(tmp_path, "chat.example.org", not_before=NOW - timedelta(days=1), not_after=end)
    for days, grade in ((40, "ok"), (14, "ok"), (13, "warning"), (0, "PROBLEM"), (-3, "PROBLEM"), (100, "PROBLEM")):
        (finding,) = judged(end - timedelta(days=days), **ours)
        assert finding.grade.value == grade, days
    assert "expires in 13 days" in sentence(judged(end - timedelta(days=13), **ours))


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        (["chat.example.org"], "chat.example.org", True),
        (["*.example.org"], "CHAT.example.org", True),
        (["*.example.org"], "a.b.example.org", False),
        (["example.org"], "chat.example.org", False),
        (["192.0.2.1"], "192.0.2.1", True),
    ],
)
def test_a_certificate_by_its_names(names: list[str], host: str, fits: bool, tmp_path: Path) -> None:
    ours = presented(tmp_path, *names, not_before=NOW, not_after=NOW + timedelta(days=90))
    found = judged(**ours, public_url=f"https://{host}")
    assert ("PROBLEM", 78) in grades(found) if not fits else grades(found) == [("ok", 0)]


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    ours = presented(tmp_path / "a", "chat.example.org")
    other = presented(tmp_path / "b", "chat.example.org")
    assert grades(judged(tls_cert=ours["tls_cert"], tls_key=other["tls_key"])) == [("PROBLEM", 78)]
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    assert grades(judged(tls_cert=broken, tls_key=ours["tls_key"])) == [("PROBLEM", 78)]
    # the authority first: what browsers get is not for this server
    backwards = tmp_path / "backwards.pem"
    backwards.write_bytes(trustme.CA().cert_pem.bytes() + ours["tls_cert"].read_bytes())
    assert grades(judged(tls_cert=backwards, tls_key=ours["tls_key"])) == [("PROBLEM", 78)]


def test_53_a_key_that_everybody_can_read(tmp_path: Path) -> None:
    ours = presented(tmp_path, "localhost", not_before=NOW, not_after=NOW + timedelta(days=90))
    ours["tls_key"].chmod(0o644)
    assert "chmod o=" in sentence(judged(**ours))


def test_without_a_certificate_there_is_nothing_to_say() -> None:
    assert judged() == []
    assert "--public" in sentence(judged(public_url="https://chat.example.org"))


# ── mail ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_mail_server_that_lets_us_in_gets_no_letter(tmp_path: Path) -> None:
    async with open_mail_server(tmp_path) as server:
        finding = await check_mail(Settings(**server.settings()))
        assert (finding.grade, server.letters) == (Grade.FINE, [])
        assert server.logins
        wrong = server.settings() | {"smtp_url": server.url(password="wrong")}
        refused = await check_mail(Settings(**wrong))
        assert (refused.grade, refused.exit_code) == (Grade.PROBLEM, 78)
        assert "wrong" not in refused.sentence
        untrusted = server.settings() | {"smtp_ca": None}
        assert "not trusted" in (await check_mail(Settings(**untrusted))).sentence
        gone = Settings(**server.settings())
    away = await check_mail(gone)
    assert (away.grade, away.exit_code) == (Grade.PROBLEM, 69)


async def test_no_mail_server() -> None:
    finding = await check_mail(Settings())
    assert (finding.grade, finding.exit_code) == (Grade.PROBLEM, 78)
    assert "BATIYOUN_SMTP_URL" in finding.sentence
