"""The direction of imports in the client. Each failure quotes the rule that it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "client" / "src"
#: `from "x"`, `import "x"`, `import("x")`: what TypeScript resolves
STATEMENT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
REACT = re.compile(r"^(react|react-dom|dexie-react-hooks|radix-ui|wouter|lucide-react)(/|$)")


@dataclass(frozen=True, slots=True)
class Import:
    """A file of the client and what it imports: a path below `src`, or the name of a package."""

    file: str
    target: str

    def __str__(self) -> str:
        return f"client/src/{self.file} imports {self.target}"

    @property
    def place(self) -> tuple[str, str]:
        """(layer, part) of the file: `("features", "chats")`."""
        return _place(self.file)


def _place(path: str) -> tuple[str, str]:
    layer, _, rest = path.partition("/")
    return layer, rest.partition("/")[0]


def _resolved(file: Path, name: str) -> str:
    if name.startswith("@/"):
        return name[2:]
    if name.startswith("."):
        return (file.parent / name).resolve().relative_to(SOURCES).as_posix()
    return name


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the client's sources."""

    def every() -> Iterator[Import]:
        for file in sorted(SOURCES.rglob("*.ts*")):
            for name in STATEMENT.findall(file.read_text()):
                yield Import(file.relative_to(SOURCES).as_posix(), _resolved(file, name))

    return tuple(every())


def _check(rule: str, broken: Callable[[Import], bool]) -> None:
    assert imports(), "no import was found: the client is not where this test looks"
    offenders = [str(each) for each in imports() if broken(each)]
    assert not offenders, "\n".join([f"Rule: {rule}", *offenders])


def test_core_imports_no_react() -> None:
    _check("`core` imports no React.", lambda each: each.place[0] == "core" and bool(REACT.match(each.target)))


def test_core_knows_no_screen() -> None:
    rule = "Client: `app → features → {ui, core}`; `core` imports none of them."
    _check(rule, lambda each: each.place[0] == "core" and _place(each.target)[0] in {"app", "features", "ui"})


def test_ui_fetches_nothing() -> None:
    rule = "`ui` is the design system: it imports neither `core` nor the way to it (`hooks`), `features` or `app`."
    _check(rule, lambda each: each.place[0] == "ui" and _place(each.target)[0] in {"app", "features", "core", "hooks"})


def test_what_features_share_knows_no_screen() -> None:
    rule = "`hooks` (the way to `core`) and `i18n` know neither `features` nor `app`."
    _check(rule, lambda each: each.place[0] in {"hooks", "i18n"} and _place(each.target)[0] in {"app", "features"})


def test_features_do_not_import_each_other() -> None:
    rule = "Features do not import each other, nor `app`; what they share is in `ui`, `hooks`, `i18n` or `core`."

    def broken(each: Import) -> bool:
        layer, part = _place(each.target)
        return each.place[0] == "features" and (layer == "app" or (layer == "features" and part != each.place[1]))

    _check(rule, broken)


def test_the_service_worker_stands_on_core_alone() -> None:
    rule = "`worker` is built into one script that runs without a page: it imports `core` and nothing else of ours."

    def broken(each: Import) -> bool:
        layer = _place(each.target)[0]
        ours = (SOURCES / layer).is_dir()
        return each.place[0] == "worker" and ours and layer not in {"core", "worker"}

    _check(rule, broken)


def test_only_core_speaks_to_the_server() -> None:
    rule = "Only `core` talks to the server: screens use its services."
    _check(rule, lambda each: each.place[0] != "core" and each.target.startswith("socket.io-client"))
