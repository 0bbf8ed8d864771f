"""Every screen as a picture: desktop and phone, light and dark, into `artifacts/screenshots`.

python -m tests.e2e.screenshots          also writes the README's picture, docs/images/conversation.png
python -m tests.e2e.screenshots talk     only that part; the pictures of the others stay
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.e2e import identity_screens, talk_screens
from tests.e2e.messenger import Messenger
from tests.e2e.newcomers import Visitor, at_localhost
from tests.e2e.words import say, speaking
from tests.harness.browser import Window, launched
from tests.harness.people import Live, Person, Town
from tests.harness.server import ROOT, Server

TARGET = ROOT / "artifacts" / "screenshots"
README_PICTURE = ROOT / "docs" / "images" / "conversation.png"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}

TALK = [
    ("bala", "Are you coming to the ghat this evening?"),
    ("bala", "The boats go out at half past six 🛶"),
    ("asha", "Yes! I finish at five, then I take the bus."),
    ("asha", "Shall I bring something?"),
    ("bala", "Only yourself. बाकी सब तैयार है।"),
    ("asha", "Then I bring sweets anyway. Two boxes, because last time your uncle ate the first one in the boat."),
    ("bala", "He says hello 😄\nAnd that it was a small box."),
]
PLANS = [
    ("chand", "Who has the key of the roof?"),
    ("dilip", "I gave it to Esha on Sunday."),
    ("esha", "It is with the neighbours, I ask them."),
    ("asha", "Chai at four on the roof, then?"),
    ("chand", "I bring the cups ☕"),
]


@dataclass
class Scene:
    """A small town on a running server, as Asha sees it."""

    server: Server
    people: dict[str, Person]
    direct: str
    group: str
    partner: Live


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """People who have talked; Bala and Chand are online."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        town = Town(server.url)
        names = {
            "asha": "Asha Devi",
            "bala": "Bala Kumar",
            "chand": "Chand Rani",
            "dilip": "Dilip Yadav",
            "esha": "Esha Mishra",
            "firoz": "Firoz Alam",
        }
        people = {username: await town.sign_up(username, name) for username, name in names.items()}
        asha, bala = people["asha"], people["bala"]
        await asha.http.patch("/api/users/me", json={"bio": "Tea, trains and the river."})
        firoz = await asha.create_chat(people["firoz"])
        await people["firoz"].put(firoz, "The photos of the wedding are ready.")
        esha = await people["esha"].create_chat(asha)
        for text in ("Hello Asha!", "It's Esha from the library.", "Is the reading group still on Fridays?"):
            await people["esha"].put(esha, text)
        group = await asha.create_chat(*(people[name] for name in ("chand", "dilip", "esha")), name="Roof and chai")
        for sender, text in PLANS:
            await people[sender].put(group, text)
        direct = await asha.create_chat(bala)
        for sender, text in TALK:
            await people[sender].put(direct, text)
        for reader in (asha, bala):
            await reader.http.post(f"/api/chats/{direct}/receipts", json={"seq": len(TALK)})
        async with bala.online() as partner, people["chand"].online():
            yield Scene(server, people, direct, group, partner)
        await town.close()


class Camera:
    """Asha's window in one size and one theme, and where its pictures go."""

    def __init__(self, asha: Messenger, town: Scene, name: str) -> None:
        self.asha = asha
        self.town = town
        self.name = name

    async def go(self, path: str) -> None:
        """Open a page of the app."""
        await self.asha.page.goto(path)

    async def shoot(self, screen: str) -> Path:
        """Take the picture once nothing is loading any more."""
        page = self.asha.page
        await page.wait_for_load_state("networkidle")
        await page.evaluate("document.fonts.ready")
        await page.wait_for_timeout(250)  # a last frame after the last row arrived
        path = TARGET / f"{self.name}-{screen}.png"
        await page.screenshot(path=path)
        return path


async def _strangers_screens(camera: Camera) -> None:
    asha = camera.asha
    await camera.go("/login")
    await expect(asha.button("auth.signIn")).to_be_visible()
    await camera.shoot("01-sign-in")
    await camera.go("/signup")
    await camera.shoot("02-sign-up")
    await asha.field("forms.email").fill("not an address")
    await asha.button("common.continue").click()
    await expect(asha.page.locator("[aria-invalid]").first).to_be_visible()
    await camera.shoot("03-sign-up-refused")


async def _chats(camera: Camera) -> None:
    asha = camera.asha
    await asha.sign_in()
    await expect(asha.row("Bala Kumar")).to_be_visible()
    await camera.shoot("04-chats")


async def _conversation(camera: Camera) -> None:
    asha, town = camera.asha, camera.town
    await camera.go(f"/c/{town.direct}")
    await asha.sees(TALK[3][1])
    await town.partner.call("typing", {"chatId": town.direct})
    await asha.sees_status(say("conversation.typing"))
    path = await camera.shoot("05-conversation")
    if camera.name == "desktop-light":
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, README_PICTURE)
    await camera.go(f"/c/{town.direct}/info")
    await camera.shoot("06-person")


async def _group(camera: Camera) -> None:
    asha, town = camera.asha, camera.town
    await camera.go(f"/c/{town.group}")
    await asha.sees(PLANS[0][1])
    await camera.shoot("07-group")
    await camera.go(f"/c/{town.group}/info")
    await expect(asha.button("group.leave")).to_be_visible()
    await camera.shoot("08-group-info")
    await asha.button("group.leave").click()
    await expect(asha.page.get_by_role("alertdialog")).to_be_visible()
    await camera.shoot("09-leave-group")


async def _new(camera: Camera) -> None:
    asha = camera.asha
    search = asha.page.get_by_role("textbox", name=say("people.search"))
    await camera.go("/new")
    await expect(search).to_be_visible()
    await camera.shoot("10-new-chat")
    await search.fill("di")
    await expect(asha.page.get_by_text("Dilip Yadav").first).to_be_visible()
    await camera.shoot("11-search")
    await search.fill("nobody-like-this")
    await asha.says("people.nobody", query="nobody-like-this")
    await camera.shoot("12-search-empty")
    await camera.go("/new/group")
    await asha.field("people.groupName").fill("Boat trip")
    await asha.page.locator("label").filter(has=asha.page.get_by_role("checkbox")).first.click()
    await camera.shoot("13-new-group")


async def _settings(camera: Camera) -> None:
    await camera.go("/settings")
    await expect(camera.asha.button("settings.signOut")).to_be_attached()
    await camera.shoot("14-settings")
    await camera.asha.button("settings.signOut").scroll_into_view_if_needed()
    await camera.shoot("15-settings-end")


async def _elsewhere(camera: Camera) -> None:
    asha = camera.asha
    await camera.go("/no/such/page")
    await camera.shoot("16-not-found")
    await camera.go(f"/c/{camera.town.direct}")
    await asha.sees(TALK[3][1])
    with asha.window.outage():
        await asha.window.context.set_offline(True)
        await asha.composer.fill("See you at six")
        await asha.button("conversation.send").click()
        await asha.sees_state("See you at six", "queued")
        await camera.shoot("17-offline")
        await asha.window.context.set_offline(False)


async def _hindi(camera: Camera) -> None:
    await camera.go("/settings")
    await camera.asha.page.get_by_role("radio", name="हिन्दी").click()
    await camera.shoot("19-hindi-settings")
    await camera.go(f"/c/{camera.town.group}")
    await camera.shoot("20-hindi-group")


STEPS: list[Callable[[Camera], Awaitable[None]]] = [
    _strangers_screens,
    *identity_screens.STRANGER,
    _chats,
    _conversation,
    _group,
    _new,
    _settings,
    *identity_screens.MEMBER,
    _elsewhere,
    _hindi,
    identity_screens.in_hindi,
]


async def _shoot_all(browser: Browser, size: str, *, dark: bool) -> None:
    """Every screen in one size and theme, on a town of its own, so that no picture depends on another."""
    width, height = SIZES[size]
    async with scene() as town:
        window = await Window.open(browser, town.server.url, width=width, height=height, dark=dark)
        asha = Messenger(window, "asha", "Asha Devi")
        camera = Camera(asha, town, f"{size}-{'dark' if dark else 'light'}")
        for step in STEPS:
            await step(camera)
        window.check()
        await window.context.close()


async def _first_day(browser: Browser, size: str, *, dark: bool) -> None:
    """What somebody sees who has just signed up."""
    width, height = SIZES[size]
    async with scene() as town:
        window = await Window.open(browser, town.server.url, width=width, height=height, dark=dark)
        gita = Messenger(window, "gita", "Gita Pandey")
        await gita.sign_up()
        await Camera(gita, town, f"{size}-{'dark' if dark else 'light'}").shoot("18-first-day")
        window.check()
        await window.context.close()


async def _talk(browser: Browser, size: str, *, dark: bool) -> None:
    """What people do with and about each other, in both languages, each in a town of its own."""
    width, height = SIZES[size]
    for language in talk_screens.LANGUAGES:
        async with scene() as town:
            window = await Window.open(browser, at_localhost(town.server), width=width, height=height, dark=dark)
            asha = Visitor(window, "asha", "Asha Devi")
            await asha.sign_in()
            camera = Camera(asha, town, f"{size}-{'dark' if dark else 'light'}-{language}")
            with speaking(language):
                await talk_screens.speak(asha)
                for step in talk_screens.STEPS:
                    await step(camera)
            window.check()
            await window.context.close()


PARTS = {"screens": _shoot_all, "first-day": _first_day, "talk": _talk}


async def main(wanted: list[str]) -> int:
    """Take all pictures, or those of some parts; fails when a page complains."""
    if not wanted:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    async with launched() as browser:
        for size in SIZES:
            for dark in (False, True):
                for part in wanted or PARTS:
                    await PARTS[part](browser, size, dark=dark)
    taken = sorted(TARGET.glob("*.png"))
    sys.stdout.write(f"{len(taken)} pictures in {TARGET.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
