"""Profile pictures over HTTP, with real stores and files."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.harness.accounts import Accounts, accounts, open_accounts, problem_of

__all__ = ["accounts"]

PNG = {"content-type": "image/png"}


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, kind)
    return out.getvalue()


async def put(browser: httpx.AsyncClient, content: bytes | None = None, **headers: str) -> httpx.Response:
    return await browser.put("/api/users/me/avatar", content=content or picture(), headers=PNG | headers)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "blobs").rglob("*") if path.is_file())


async def test_a_picture_is_shown_to_everybody_who_is_signed_in(accounts: Accounts) -> None:
    asha, ravi = await accounts.signed_up("asha"), await accounts.signed_up("ravi")
    answer = await put(asha)
    assert answer.status_code == 200, answer.text
    user = answer.json()["user"]
    assert (await ravi.get(f"/api/users/{user['id']}")).json()["avatar"] == user["avatar"]
    for address, side in ((user["avatar"], 512), (user["avatar"].replace(".webp", "-96.webp"), 96)):
        shown = await ravi.get(address)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(shown.content)).size == (side, side)


async def test_44_nobody_sees_a_picture_without_signing_in(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    address = (await put(asha)).json()["user"]["avatar"]
    assert len(address.removeprefix("/api/avatars/").removesuffix(".webp")) == 43
    async with accounts.client() as stranger:
        assert problem_of(await stranger.get(address)) == (401, "unauthenticated")
        assert problem_of(await put(stranger)) == (401, "unauthenticated")


async def test_42_a_picture_is_served_as_nothing_else(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    shown = await asha.get((await put(asha)).json()["user"]["avatar"])
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_new_picture_has_a_new_address_and_the_old_files_go(accounts: Accounts, tmp_path: Path) -> None:
    asha = await accounts.signed_up("asha")
    first = (await put(asha)).json()["user"]["avatar"]
    second = (await put(asha, picture("blue", "JPEG"), **{"content-type": "image/jpeg"})).json()["user"]["avatar"]
    assert first != second
    assert len(files(tmp_path)) == 2
    assert problem_of(await asha.get(first)) == (404, "not_found")
    answer = await asha.delete("/api/users/me/avatar")
    assert (answer.status_code, answer.json()["user"]["avatar"]) == (200, None)
    assert files(tmp_path) == []
    assert (await asha.delete("/api/users/me/avatar")).status_code == 200


async def test_44_many_at_once_leave_one_picture(accounts: Accounts, tmp_path: Path) -> None:
    asha = await accounts.signed_up("asha")
    answers = await asyncio.gather(*(put(asha) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(files(tmp_path)) == 2
    address = (await asha.get("/api/users/me")).json()["avatar"]
    assert (await asha.get(address)).status_code == 200


async def test_38_pictures_are_limited_by_person(accounts: Accounts) -> None:
    asha, ravi = await accounts.signed_up("asha"), await accounts.signed_up("ravi")
    answers = [await put(asha) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert (await put(ravi)).status_code == 200


@pytest.mark.parametrize("content", [b"<svg/>", b"\x89PNG\r\n\x1a\n", picture()[:60], b"GIF89a"])
async def test_42_what_is_no_picture_is_refused(accounts: Accounts, tmp_path: Path, content: bytes) -> None:
    asha = await accounts.signed_up("asha")
    answer = await put(asha, content)
    assert problem_of(answer) == (400, "invalid_image")
    assert set(answer.json()["fields"]) == {"avatar"}
    assert files(tmp_path) == []


@pytest.mark.parametrize("kind", ["text/plain", "image/svg+xml", "multipart/form-data; boundary=x", "application/json"])
async def test_17_only_what_no_form_can_send_is_taken(accounts: Accounts, kind: str) -> None:
    asha = await accounts.signed_up("asha")
    assert problem_of(await put(asha, None, **{"content-type": kind})) == (415, "unsupported_media_type")
    foreign = await put(asha, origin="https://evil.example")
    assert problem_of(foreign) == (403, "foreign_origin")
    json = await asha.patch("/api/users/me", content=picture(), headers=PNG)
    assert problem_of(json) == (415, "unsupported_media_type")


async def test_35_a_large_body_is_refused_before_it_is_read(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    assert problem_of(await put(asha, b"x" * 5_000_001)) == (413, "payload_too_large")
    assert problem_of(await put(asha, b"x" * 4_999_999)) == (400, "invalid_image")


@pytest.mark.parametrize("file", ["x", "..%2f..%2faccounts.db", "%00.webp", "x" * 43 + ".webp", "x" * 43 + "-95.webp"])
async def test_41_other_names_are_nothing(accounts: Accounts, file: str) -> None:
    asha = await accounts.signed_up("asha")
    assert (await asha.get(f"/api/avatars/{file}")).status_code in {400, 404}


async def test_a_picture_that_cannot_be_kept_changes_nothing(tmp_path: Path) -> None:
    async with open_accounts(tmp_path) as app:
        asha = await app.signed_up("asha")
        (tmp_path / "blobs").write_text("a file where the folder should be")
        assert problem_of(await put(asha)) == (503, "unavailable")
        assert (await asha.get("/api/users/me")).json()["avatar"] is None
