"""upkeep/archive.py: what comes out is what went in, or nothing does."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import json
import lzma
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batiyoun.upkeep.archive import FORMAT, HEAD, SUMS, ArchiveWriter, BackupUnusable, unpack

FILES = {"log.db": b"log" * 700, "keys/signing.pem": b"key", "files/ab/abcd": bytes(range(256)), "empty": b""}


def made(files: dict[str, bytes], folder: Path) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with ArchiveWriter(out, {"version": "1"}, now=1_790_000_000.5, progress=lambda _: None) as writer:
        for number, (name, content) in enumerate(files.items()):
            path = folder / f"{number}"
            path.write_bytes(content)
            writer.add(name, path)
    return out.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def opened(archive: bytes, folder: Path) -> dict[str, bytes]:
    """What is unpacked from it."""
    folder.mkdir()
    unpack(io.BytesIO(archive), folder, lambda _: None)
    return contents(folder)


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    """`FILES`, packed."""
    source = tmp_path / "source"
    source.mkdir()
    return made(FILES, source)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["tar", "gz", "bz2", "xz"])
def test_what_went_in_comes_out(archive: bytes, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert opened(pack(archive), tmp_path / "out") == FILES


def test_it_is_a_tar_that_anybody_can_look_into(archive: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == [HEAD, *(f"data/{name}" for name in FILES), SUMS]
        assert {member.mode for member in tar} == {0o600}
        head = tar.extractfile(HEAD)
        assert head is not None
        assert json.loads(head.read()) == {"format": FORMAT, "version": "1"}


def test_53_what_is_unpacked_is_for_this_user_alone(archive: bytes, tmp_path: Path) -> None:
    opened(archive, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_progress_adds_up(tmp_path: Path) -> None:
    source, out, told = tmp_path / "source", io.BytesIO(), list[int]()
    source.write_bytes(b"x" * 3_000_000)
    with ArchiveWriter(out, {}, now=0, progress=told.append) as writer:
        writer.add("x", source)
    assert sum(told) == 3_000_000
    out.seek(0)
    told.clear()
    folder = tmp_path / "out"
    folder.mkdir()
    unpack(out, folder, told.append)
    assert sum(told) == 3_000_000
    assert len(told) > 1


def test_it_needs_no_seek(archive: bytes, tmp_path: Path) -> None:
    """Pipes: in both directions bytes are only read and written."""

    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self.rest = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return self.rest.read(min(size, 777) if size > 0 else size)

    folder = tmp_path / "out"
    folder.mkdir()
    unpack(Pipe(archive), folder, lambda _: None)  # type: ignore[arg-type]  # it only calls read()
    assert contents(folder) == FILES


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_harmless(
    archive: bytes, tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    """A byte that nobody reads (padding, the time of a member) may be anything; no other may."""
    damaged = bytearray(archive)
    damaged[place % len(damaged)] ^= flip
    try:
        found = opened(bytes(damaged), tmp_path_factory.mktemp("flip") / "out")
    except BackupUnusable:
        return
    assert found == FILES


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(length=st.integers(min_value=0))
def test_a_truncated_archive_is_refused(archive: bytes, tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        sums = tar.getmember(SUMS)
    needed = sums.offset_data + sums.size
    with pytest.raises(BackupUnusable):
        opened(archive[: length % needed], tmp_path_factory.mktemp("cut") / "out")


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_compressed_archive_is_refused(
    archive: bytes, tmp_path: Path, pack: Callable[[bytes], bytes], part: float
) -> None:
    packed = pack(archive)
    with pytest.raises(BackupUnusable):
        opened(packed[: int(len(packed) * part)], tmp_path / "out")


def crafted(*members: tuple[str, bytes, bytes]) -> bytes:
    """An archive with members of any name and type, and checksums that fit."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), "/etc/passwd"
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


HEADER = (HEAD, tarfile.REGTYPE, json.dumps({"format": FORMAT}).encode())
FOOTER = (SUMS, tarfile.REGTYPE, b"{}")


@pytest.mark.parametrize(
    "member",
    [
        ("data/../../outside", tarfile.REGTYPE, b"x"),
        ("/data/outside", tarfile.REGTYPE, b"x"),
        ("outside", tarfile.REGTYPE, b"x"),
        ("data", tarfile.REGTYPE, b"x"),
        ("data/link", tarfile.SYMTYPE, b""),
        ("data/link", tarfile.LNKTYPE, b""),
        ("data/device", tarfile.CHRTYPE, b""),
        ("data/folder", tarfile.DIRTYPE, b""),
    ],
)
def test_41_names_that_lead_elsewhere_are_refused(member: tuple[str, bytes, bytes], tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="does not belong"):
        opened(crafted(HEADER, member, FOOTER), tmp_path / "out")
    assert not contents(tmp_path)


def test_a_file_twice_or_below_a_file_is_refused(tmp_path: Path) -> None:
    one = ("data/x", tarfile.REGTYPE, b"x")
    for number, other in enumerate((one, ("data/x/y", tarfile.REGTYPE, b"y"))):
        with pytest.raises(BackupUnusable, match="twice"):
            opened(crafted(HEADER, one, other, FOOTER), tmp_path / f"{number}")


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (b"", "empty|unexpected end"),
        (b"no tar at all" * 100, "header|open"),
        (crafted(("README", tarfile.REGTYPE, b"hello")), "not a backup of Batiyoun"),
        (crafted((HEAD, tarfile.REGTYPE, b"[]")), "not readable"),
        (crafted((HEAD, tarfile.REGTYPE, b"\xff")), "not readable"),
        (crafted((HEAD, tarfile.REGTYPE, b'{"format": 2, "version": "9"}')), r"newer Batiyoun \(9\)"),
        (crafted((HEAD, tarfile.REGTYPE, b"{}")), "newer"),
        (crafted(HEADER, ("data/x", tarfile.REGTYPE, b"x")), "end is missing"),
        (crafted(HEADER, ("data/x", tarfile.REGTYPE, b"x"), FOOTER), "data/x is not what was written"),
        (crafted(HEADER, FOOTER, ("data/x", tarfile.REGTYPE, b"x")), "after its end"),
    ],
)
def test_what_is_no_backup_is_refused_with_the_reason(archive: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match=reason):
        opened(archive, tmp_path / "out")


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    sums = json.dumps({"data/log.db": {"size": 1, "sha256": "x"}}).encode()
    with pytest.raises(BackupUnusable, match=r"data/log\.db"):
        opened(crafted(HEADER, (SUMS, tarfile.REGTYPE, sums)), tmp_path / "out")


def test_a_backup_that_failed_writes_nothing_more(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pytest.raises(FileNotFoundError), ArchiveWriter(out, {}, now=0, progress=lambda _: None) as writer:
        writer.add("x", tmp_path / "nowhere")
    gc.collect()
    assert out.getvalue() == b""
