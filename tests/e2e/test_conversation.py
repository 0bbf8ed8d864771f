"""Two people, two browsers: from sign-up to read marks."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON
from tests.e2e.words import say


async def test_two_people_meet_and_talk(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.is_sealed()
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


async def test_23_hostile_names_and_messages_are_text(newcomer: Newcomer) -> None:
    markup = "<img src=x onerror=alert(1)>"
    asha, bala = await newcomer("asha", "<b>Asha</b>"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write(markup)
    await asha.write("javascript:alert(1)")
    await asha.sees_state("javascript:alert(1)", "delivered")
    await bala.open_chat("<b>Asha</b>")
    await bala.sees(markup, "javascript:alert(1)")
    await expect(bala.bubbles.locator("img, b, a")).to_have_count(0)


async def test_22_signing_out_leaves_nothing_behind(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha.devi.22", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("between us")
    await asha.sees_state("between us", "delivered")
    private = ("Asha Devi", "Bala Kumar", asha.email, asha.username)
    before = await asha.page.evaluate(EVERYTHING_KEPT)
    assert [word for word in private if word not in before] == [], "the search below would find nothing anyway"
    await asha.sign_out()
    after = await asha.page.evaluate(EVERYTHING_KEPT)
    assert [word for word in (*private, "between us") if word in after] == []
    assert "CryptoKey" not in after
    cookies = await asha.page.context.cookies()
    assert [cookie for cookie in cookies if "batiyoun" in str(cookie.get("name"))] == []
    await asha.page.goto("/")
    await expect(asha.field("auth.identifier")).to_be_visible()

    # not even for whoever signs in here again: the keys went, too, and the server never had them
    await asha.sign_in()
    await asha.open_chat("Bala Kumar")
    await expect(asha.bubbles).to_have_count(1, timeout=SOON)
    await expect(asha.bubble("between us")).to_have_count(0)


async def test_22_what_is_said_is_sealed_where_it_is_kept(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_group("walnut plan", bala)
    for words in ("pistachio", "cashew"):
        await asha.write(words)
        await asha.sees_state(words, "delivered")
    await bala.open_chat("walnut plan")
    await bala.write("almond")
    await asha.sees("almond")
    await asha.composer.fill("hazelnut")
    await expect(asha.row("walnut plan")).to_contain_text("hazelnut", timeout=SOON)

    kept = await asha.page.evaluate(EVERYTHING_KEPT)
    secrets = ("walnut", "pistachio", "cashew", "almond", "hazelnut")
    assert [secret for secret in secrets if secret in kept] == []
    # people's names are not sealed: the list of people is what the server tells everybody
    assert "Bala Kumar" in kept
    await asha.page.reload()
    await asha.sees("pistachio", "cashew", "almond")
    await expect(asha.composer).to_have_value("hazelnut")


#: all that a page can keep in a browser, as one text: databases, storages, caches, cookies that scripts see
EVERYTHING_KEPT = """async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const written = (_, value) =>
    value instanceof CryptoKey ? `CryptoKey ${value.type}`
    : ArrayBuffer.isView(value) ? new TextDecoder().decode(value)
    : value instanceof ArrayBuffer ? new TextDecoder().decode(value)
    : value;
  const kept = [document.cookie, { ...localStorage }, { ...sessionStorage }];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      kept.push(name, store, await done(database.transaction(store).objectStore(store).getAll()));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      // the app's own code is the same for everybody, and full of words
      const code = new URL(request.url).pathname.startsWith("/assets/");
      kept.push(request.url, code ? "" : await (await cache.match(request)).text());
    }
  }
  for (const worker of await navigator.serviceWorker.getRegistrations()) kept.push(worker.scope);
  return JSON.stringify(kept, written);
}"""
