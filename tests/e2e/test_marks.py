"""Marks in messages: bold, italic, struck, code, quotes; and words that only look like them."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer


async def test_23_marks_are_shown_as_what_they_mean_and_make_no_markup(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("*Kal* _subah_ ~paanch~ chhe baje, `platform 3`")
    await asha.write("my_file_name.txt is 2*3*4 MB")
    await asha.sees_state("my_file_name.txt is 2*3*4 MB", "delivered")
    await expect(asha.row("Bala Kumar")).to_contain_text("my_file_name.txt")

    await bala.open_chat("Asha Devi")
    first, second = bala.bubbles.first, bala.bubbles.last
    for tag, words in (("strong", "Kal"), ("em", "subah"), ("s", "paanch"), ("code", "platform 3")):
        await expect(first.locator(tag)).to_have_text(words)
    await expect(second).to_contain_text("my_file_name.txt is 2*3*4 MB")
    await expect(second.locator("strong, em")).to_have_count(0)

    await asha.write("*<img src=x onerror=alert(1)>* _javascript:alert(1)_ ```<b>x</b>```")
    await expect(bala.bubbles.last.locator("strong")).to_have_text("<img src=x onerror=alert(1)>")
    await expect(bala.bubbles.last.locator("img, b, a")).to_have_count(0)
