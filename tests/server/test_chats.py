"""Chats over the real server: who may make, see and change them, and who hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from batiyoun.runtime import uuid7
from tests.harness.accounts import problem_of
from tests.harness.people import Person, Town
from tests.harness.server import Server

_names = count()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("chats")) as running:
        yield running


@pytest.fixture
async def village(shared: Server) -> AsyncIterator[Town]:
    place = Town(shared.url)
    yield place
    await place.close()


async def people(village: Town, how_many: int) -> list[Person]:
    return [await village.sign_up(f"person{next(_names)}") for _ in range(how_many)]


async def chat_of(person: Person, chat_id: str) -> dict[str, Any]:
    answer = await person.http.get(f"/api/chats/{chat_id}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_direct_chat_is_one_per_pair_whoever_asks(village: Town) -> None:
    one, two = await people(village, 2)
    wish = {"type": "direct", "participants": [two.id], "encryption": "none"}
    first = await one.http.post("/api/chats", json=wish)
    again = await one.http.post("/api/chats", json=wish)
    other = await two.http.post("/api/chats", json=wish | {"participants": [one.id, two.id]})
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 200]
    assert {answer.json()["id"] for answer in (first, again, other)} == {first.json()["id"]}
    view = first.json()
    assert (view["type"], view["encryption"], view["headSeq"], view["unread"]) == ("direct", "none", 0, 0)
    own, partner = sorted(view["participants"], key=lambda each: each["userId"] != one.id)
    assert own == {"userId": one.id, "role": "member", "deliveredSeq": 0, "readSeq": 0}
    assert partner == {"userId": two.id, "role": "member", "deliveredSeq": 0, "sharedReadSeq": 0}


async def test_a_group_whose_id_the_client_made_is_made_once(village: Town) -> None:
    one, two, three = await people(village, 3)
    wish = {"type": "group", "participants": [two.id, three.id], "name": "Roof", "encryption": "none", "id": uuid7()}
    first = await one.http.post("/api/chats", json=wish)
    same = wish | {"participants": [three.id, one.id, two.id], "name": " Roof "}
    again = await one.http.post("/api/chats", json=same)
    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json()["id"] == again.json()["id"] == wish["id"]
    assert (await one.http.patch(f"/api/chats/{wish['id']}", json={"name": "Cellar"})).is_success
    assert (await one.http.post("/api/chats", json=wish)).json()["name"] == "Cellar"
    for other in ({"name": "Hall"}, {"participants": [two.id]}):
        answer = await one.http.post("/api/chats", json=wish | other)
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_reused")


async def test_the_server_takes_no_name_of_an_encrypted_group(village: Town) -> None:
    one, two = await people(village, 2)
    wish = {"type": "group", "participants": [two.id]}
    answer = await one.http.post("/api/chats", json=wish | {"name": "Roof"})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"name": "sealed"})
    made = await one.http.post("/api/chats", json=wish)
    assert (made.status_code, made.json()["encryption"], made.json()["name"]) == (201, "mls", None)
    renamed = await one.http.patch(f"/api/chats/{made.json()['id']}", json={"name": "Roof"})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "encryption_required")
    assert (await two.http.get(f"/api/chats/{made.json()['id']}")).json()["name"] is None


async def test_24_the_id_of_somebody_else_s_chat_tells_nothing(village: Town) -> None:
    one, two, eve = await people(village, 3)
    wish = {"type": "group", "participants": [two.id], "name": "Roof", "encryption": "none", "id": uuid7()}
    assert (await one.http.post("/api/chats", json=wish)).status_code == 201
    direct = await one.create_chat(two)
    answers = [await eve.http.post("/api/chats", json=wish | {"id": taken}) for taken in (wish["id"], direct)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} <= {(409, "client_id_reused")}
    assert answers[0].content == answers[1].content
    assert (await eve.http.get("/api/chats")).json()["chats"] == []


async def test_who_left_a_group_does_not_get_it_back_by_asking_again(village: Town) -> None:
    one, two = await people(village, 2)
    wish = {"type": "group", "participants": [two.id], "name": "Roof", "encryption": "none", "id": uuid7()}
    assert (await one.http.post("/api/chats", json=wish)).status_code == 201
    assert (await one.http.post(f"/api/chats/{wish['id']}/leave")).is_success
    answer = await one.http.post("/api/chats", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (404, "chat_not_found")


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "",
        "01890000-0000-4000-8000-000000000000",
        "01890000-0000-7000-0000-000000000000",
        7,
        "01890000-0000-7000-8000-000000000000\n",
    ],
)
async def test_31_an_id_must_be_a_uuid_of_version_7(village: Town, bad: Any) -> None:
    one, two = await people(village, 2)
    wish = {"type": "group", "participants": [two.id], "name": "Roof", "encryption": "none", "id": bad}
    answer = await one.http.post("/api/chats", json=wish)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["id"])
    direct = {"type": "direct", "participants": [two.id], "id": uuid7()}
    answer = await one.http.post("/api/chats", json=direct)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["id"])


async def test_notes_to_self_are_one_chat(village: Town) -> None:
    (me,) = await people(village, 1)
    wish = {"type": "direct", "participants": [me.id], "encryption": "none"}
    first, again = [await me.http.post("/api/chats", json=wish) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert (await me.put(first.json()["id"], "milk, bread")).status_code == 201


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"type": "direct", "participants": []}, "invalid_input"),
        ({"type": "direct", "participants": ["01900000-0000-7000-8000-000000000000"]}, "user_not_found"),
        (
            {"type": "group", "participants": ["01900000-0000-7000-8000-000000000000"], "encryption": "none"},
            "invalid_input",
        ),
        ({"type": "group", "participants": ["01900000-0000-7000-8000-000000000000"], "name": "x"}, "invalid_input"),
        ({"type": "group", "participants": ["nobody"], "name": "x"}, "invalid_input"),
        ({"type": "channel", "participants": ["01900000-0000-7000-8000-000000000000"]}, "invalid_input"),
        ({"type": "direct"}, "invalid_input"),
    ],
)
async def test_a_wish_that_makes_no_chat(village: Town, wish: dict[str, Any], code: str) -> None:
    (me,) = await people(village, 1)
    answer = await me.http.post("/api/chats", json=wish)
    assert answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await me.http.get("/api/chats")).json() == {"chats": [], "hasMore": False}


async def test_encryption_that_is_not_there_is_refused_not_dropped(tmp_path: Path) -> None:
    with Server(tmp_path, ENCRYPTION="off") as running:
        village = Town(running.url)
        one, two = await people(village, 2)
        wish = {"type": "direct", "participants": [two.id], "encryption": "mls"}
        assert (await one.http.post("/api/chats", json=wish)).status_code == 409
        await village.close()


async def test_chats_are_encrypted_unless_somebody_asks_otherwise(village: Town) -> None:
    one, two = await people(village, 2)
    made = await one.http.post("/api/chats", json={"type": "direct", "participants": [two.id]})
    assert (made.status_code, made.json()["encryption"]) == (201, "mls")
    assert problem_of(await one.put(made.json()["id"], "in the clear")) == (409, "encryption_required")


async def test_the_list_has_the_last_message_and_unread_newest_activity_first(village: Town) -> None:
    one, two, three = await people(village, 3)
    older = await one.create_chat(two)
    newer = await one.create_chat(three)
    await two.put(older, "first")
    await three.put(newer, "second")
    await two.put(older, "third")
    page = (await one.http.get("/api/chats")).json()
    assert [chat["id"] for chat in page["chats"]] == [older, newer]
    assert [(chat["unread"], chat["lastMessage"]["content"]) for chat in page["chats"]] == [(2, "third"), (1, "second")]
    assert page["chats"][0]["lastMessageAt"] == page["chats"][0]["lastMessage"]["timestamp"]
    small = (await one.http.get("/api/chats", params={"limit": 1})).json()
    assert (small["chats"][0]["id"], small["hasMore"]) == (older, True)
    rest = (await one.http.get("/api/chats", params={"limit": 1, "before": older})).json()
    assert (rest["chats"][0]["id"], rest["hasMore"]) == (newer, False)
    assert [chat["unread"] for chat in (await two.http.get("/api/chats")).json()["chats"]] == [0]


async def test_a_group_lives_by_its_roles(village: Town) -> None:
    owner, admin, member, new = await people(village, 4)
    group = await owner.create_chat(admin, member, name="Family")

    async def role(person: Person, of: Person, name: str) -> int:
        path = f"/api/chats/{group}/members/{of.id}/role"
        return (await person.http.put(path, json={"role": name})).status_code

    async def add(person: Person) -> int:
        return (await person.http.post(f"/api/chats/{group}/members", json={"userIds": [new.id]})).status_code

    async def remove(person: Person, of: Person) -> int:
        return (await person.http.delete(f"/api/chats/{group}/members/{of.id}")).status_code

    async def rename(person: Person) -> int:
        return (await person.http.patch(f"/api/chats/{group}", json={"name": "Home"})).status_code

    assert [await add(member), await rename(member), await remove(member, admin)] == [403, 403, 403]
    assert [await role(member, member, "owner"), await role(admin, admin, "owner")] == [403, 403]
    assert await role(owner, admin, "admin") == 200
    assert await role(owner, owner, "member") == 409
    assert [await add(admin), await rename(admin)] == [200, 200]
    assert await add(admin) == 200
    assert [await remove(admin, owner), await remove(admin, member), await remove(admin, member)] == [403, 204, 404]
    view = await chat_of(new, group)
    assert view["name"] == "Home"
    assert {each["userId"]: each["role"] for each in view["participants"]} == {
        owner.id: "owner",
        admin.id: "admin",
        new.id: "member",
    }
    kinds = [(entry["kind"], entry["type"]) for entry in await owner.history(group)]
    assert kinds == [
        ("system", "role_changed"),
        ("system", "members_added"),
        ("system", "renamed"),
        ("system", "member_removed"),
    ]


async def test_an_owner_who_leaves_hands_the_group_on(village: Town) -> None:
    owner, admin, member = await people(village, 3)
    group = await owner.create_chat(member, admin, name="Trip")
    await owner.http.put(f"/api/chats/{group}/members/{admin.id}/role", json={"role": "admin"})
    assert (await owner.http.post(f"/api/chats/{group}/leave")).status_code == 204
    assert (await owner.http.get(f"/api/chats/{group}")).status_code == 404
    roles = {each["userId"]: each["role"] for each in (await chat_of(member, group))["participants"]}
    assert roles == {admin.id: "owner", member.id: "member"}


async def test_a_direct_chat_has_no_roster_to_change(village: Town) -> None:
    one, two, three = await people(village, 3)
    chat = await one.create_chat(two)
    answers = [
        await one.http.post(f"/api/chats/{chat}/members", json={"userIds": [three.id]}),
        await one.http.delete(f"/api/chats/{chat}/members/{two.id}"),
        await one.http.post(f"/api/chats/{chat}/leave"),
        await one.http.patch(f"/api/chats/{chat}", json={"name": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_24_strangers_and_ex_members_get_the_answer_of_a_chat_that_never_was(village: Town) -> None:
    owner, former, stranger = await people(village, 3)
    group = await owner.create_chat(former, name="Closed")
    await owner.put(group, "private")
    await owner.http.delete(f"/api/chats/{group}/members/{former.id}")
    never = "01900000-0000-7000-8000-000000000000"
    body = {"content": "x", "encrypted": False}
    for person in (former, stranger):
        for method, path, json in [
            ("GET", "", None),
            ("PATCH", "", {"name": "x"}),
            ("GET", "/messages", None),
            ("PUT", "/messages/k1", body),
            ("GET", "/receipts", None),
            ("POST", "/receipts", {"seq": 1}),
            ("POST", "/members", {"userIds": [person.id]}),
            ("DELETE", f"/members/{owner.id}", None),
            ("PUT", f"/members/{owner.id}/role", {"role": "member"}),
            ("POST", "/leave", None),
        ]:
            real = await person.http.request(method, f"/api/chats/{group}{path}", json=json)
            made_up = await person.http.request(method, f"/api/chats/{never}{path}", json=json)
            assert (real.status_code, real.json()["code"]) == (404, "chat_not_found"), (method, path, real.text)
            assert {**real.json(), "instance": None} == {**made_up.json(), "instance": None}


async def test_history_begins_where_a_member_joined(village: Town) -> None:
    owner, first, late = await people(village, 3)
    group = await owner.create_chat(first, name="Book club")
    for text in ("one", "two"):
        await owner.put(group, text)
    await owner.http.post(f"/api/chats/{group}/members", json={"userIds": [late.id]})
    await owner.put(group, "three")
    assert [(entry["type"], entry["content"]) for entry in await late.history(group)] == [
        ("members_added", ""),
        ("text", "three"),
    ]
    assert len(await first.history(group)) == 4
    newest = (await first.http.get(f"/api/chats/{group}/messages", params={"limit": 2})).json()
    assert [entry["seq"] for entry in newest["messages"]] == [3, 4]
    assert (newest["headSeq"], newest["hasMore"]) == (4, True)
    before = (await first.http.get(f"/api/chats/{group}/messages", params={"before": 3})).json()
    assert ([entry["seq"] for entry in before["messages"]], before["hasMore"]) == ([1, 2], False)
    both = await first.http.get(f"/api/chats/{group}/messages", params={"before": 3, "after": 1})
    assert both.json()["code"] == "invalid_input"


async def test_a_message_is_stored_once_per_client_id(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    path = f"/api/chats/{chat}/messages/same-key"
    body = {"content": "hello", "encrypted": False}
    first, again = [await one.http.put(path, json=body) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await one.http.put(path, json=body | {"content": "changed"})
    assert (other.status_code, other.json()["code"], other.json()["retryable"]) == (409, "client_id_reused", False)
    theirs = await two.http.put(path, json=body | {"content": "mine"})
    assert theirs.status_code == 201
    assert [entry["content"] for entry in await one.history(chat)] == ["hello", "mine"]


async def test_26_what_only_the_server_knows_cannot_be_sent(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    forged = {"senderId": two.id, "timestamp": "1999-01-01T00:00:00Z", "seq": 99, "kind": "system", "id": "x"}
    await one.http.put(f"/api/chats/{chat}/messages/k", json={"content": "hi", "encrypted": False} | forged)
    (entry,) = await two.history(chat)
    assert (entry["senderId"], entry["seq"], entry["kind"]) == (one.id, 1, "message")
    assert not entry["timestamp"].startswith("1999")


async def test_receipts_move_forward_only_and_never_past_the_head(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    for text in ("a", "b", "c"):
        await one.put(chat, text)

    async def cursors() -> tuple[int, int, int]:
        view = await chat_of(one, chat)
        partner = next(each for each in view["participants"] if each["userId"] == two.id)
        return partner["deliveredSeq"], partner["sharedReadSeq"], (await chat_of(two, chat))["unread"]

    async def move(seq: int, kind: str) -> None:
        answer = await two.http.post(f"/api/chats/{chat}/receipts", json={"seq": seq, "kind": kind})
        assert answer.json() == {"ok": True}

    assert await cursors() == (0, 0, 3)
    await move(2, "delivered")
    assert await cursors() == (2, 0, 3)
    await move(1, "read")
    assert await cursors() == (2, 1, 2)
    await move(99, "read")
    assert await cursors() == (3, 3, 0)
    await move(1, "read")
    assert await cursors() == (3, 3, 0)
    who = (await one.http.get(f"/api/chats/{chat}/receipts", params={"seq": 3})).json()
    assert who == {"seq": 3, "readBy": [two.id], "deliveredTo": [two.id]}
