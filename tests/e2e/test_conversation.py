"""Two people, two browsers: from sign-up to read marks."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer
from tests.e2e.words import say


async def test_two_people_meet_and_talk(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.says("conversation.plainBanner")
    await asha.write("Namaste! नमस्ते 🙏")
    await asha.sees_state("Namaste! नमस्ते 🙏", "delivered")

    await bala.has_unread("Asha Devi", 1)
    await bala.open_chat("Asha Devi")
    await bala.sees("Namaste! नमस्ते 🙏")
    await asha.sees_state("Namaste! नमस्ते 🙏", "read")
    await bala.has_unread("Asha Devi", 0)

    await bala.composer.press_sequentially("Haan", delay=20)
    await asha.sees_status(say("conversation.typing"))
    await bala.composer.press("Enter")
    await asha.sees("Haan")
    await asha.sees_status(say("conversation.online"))
    await bala.sees_state("Haan", "read")


async def test_a_reload_shows_everything_again(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    words = [f"line {number}" for number in range(1, 13)]
    for text in words:
        await asha.write(text)
    await asha.sees_state(words[-1], "delivered")
    await asha.page.reload()
    await asha.is_with("Bala Kumar")
    await asha.sees(*words)
    assert await asha.texts() == words
    await bala.open_chat("Asha Devi")
    await bala.sees(*words)
    assert await bala.texts() == words


async def test_hostile_names_and_messages_are_text(newcomer: Newcomer) -> None:
    """Security check 23."""
    markup = "<img src=x onerror=alert(1)>"
    asha, bala = await newcomer("asha", "<b>Asha</b>"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write(markup)
    await asha.write("javascript:alert(1)")
    await asha.sees_state("javascript:alert(1)", "delivered")
    await bala.open_chat("<b>Asha</b>")
    await bala.sees(markup, "javascript:alert(1)")
    await expect(bala.bubbles.locator("img, b, a")).to_have_count(0)


async def test_signing_out_leaves_nothing_behind(newcomer: Newcomer) -> None:
    """Security check 22."""
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("between us")
    await asha.sees_state("between us", "delivered")
    await asha.sign_out()
    names = await asha.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    for name in names:
        rows = await asha.page.evaluate(COUNT_ROWS, name)
        assert rows.get("messages", 0) == 0, f"{name} still holds {rows}"
    await asha.page.goto("/")
    await expect(asha.field("auth.identifier")).to_be_visible()

    await asha.sign_in()
    await asha.open_chat("Bala Kumar")
    await asha.sees("between us")


COUNT_ROWS = """(name) => new Promise((resolve, reject) => {
  const open = indexedDB.open(name);
  open.onerror = () => reject(open.error);
  open.onsuccess = async () => {
    const database = open.result, counts = {};
    for (const store of database.objectStoreNames) {
      counts[store] = await new Promise((done) => {
        const count = database.transaction(store).objectStore(store).count();
        count.onsuccess = () => done(count.result);
      });
    }
    database.close();
    resolve(counts);
  };
})"""
