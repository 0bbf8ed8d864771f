"""The direction of imports, kept by a test. Each failure quotes the rule that it breaks (docs/explanation)."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "batiyoun"

GROUND = {"wire", "errors", "runtime", "limiting"}
FEATURES = {
    "auth",
    "users",
    "mail",
    "chats",
    "presence",
    "keys",
    "files",
    "push",
    "calls",
    "search",
    "admin",
    "audit",
    "invites",
    "account",
}
#: What a feature may use of another one: its rules, and the facts and wire shapes that its rules speak in.
SHARED = {"service", "model", "payloads"}
#: Who builds or describes the whole and may look at everything but `storage`.
WHOLE = {"app", "parts", "cli", "cli_users", "contract"}
OUTER = {"web", "realtime", "storage"}


@dataclass(frozen=True, slots=True)
class Import:
    """`module` (a dotted name below the package, such as `chats.service`) imports `target` at `line`."""

    module: str
    target: str
    line: int
    #: under `if TYPE_CHECKING`: gone when the program runs
    for_types: bool

    def __str__(self) -> str:
        return f"{PACKAGE}/{self.module.replace('.', '/')}.py:{self.line} imports {PACKAGE}.{self.target}"


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _targets(node: ast.stmt | ast.expr, module: str, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            here = [PACKAGE, *module.split(".")]
            if path.name != "__init__.py":
                here.pop()
            base = ".".join([*here[: len(here) - node.level + 1], *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def imports() -> tuple[Import, ...]:
    """Every import of one of our modules by another, anywhere in a file, also inside functions and for types only."""
    modules = _modules()
    found = []
    for module, path in modules.items():
        tree = ast.parse(path.read_text())
        guards = (
            node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        for_types = {id(inner) for guard in guards for inner in ast.walk(guard)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for name in _targets(node, module, path):
                parts = name.split(".")
                if parts[0] != PACKAGE:
                    continue
                # `from batiyoun.chats import service` names a module, `from batiyoun.errors import Busy` a class in one
                while parts and ".".join(parts[1:]) not in modules:
                    parts.pop()
                target = ".".join(parts[1:])
                if target != module:
                    found.append(Import(module, target, node.lineno, id(node) in for_types))
    return tuple(dict.fromkeys(found))


def _top(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def _broken(rule: str, offenders: list[Import]) -> str:
    return "\n".join([f"Rule: {rule}", *map(str, offenders)])


def test_the_ground_imports_nothing_of_ours() -> None:
    rule = "`wire`, `errors`, `runtime` import nothing of ours."
    offenders = [each for each in imports() if _top(each.module) in GROUND and _top(each.target) != _top(each.module)]
    assert not offenders, _broken(rule, offenders)


def test_features_never_import_the_outside() -> None:
    rule = "Features never import `web`, `realtime`, `storage`."
    offenders = [each for each in imports() if _top(each.module) in FEATURES and _top(each.target) in OUTER]
    assert not offenders, _broken(rule, offenders)


def test_features_meet_in_their_services() -> None:
    rule = (
        "Features import other features' `service` (and the `model` and `payloads` it speaks in); "
        "`routes` may also use `auth.routes`, which knows who asks."
    )

    def allowed(each: Import) -> bool:
        if _top(each.target) not in FEATURES or _top(each.target) == _top(each.module):
            return True
        inside = each.target.split(".")[1:2]
        at_the_edge = each.module.split(".")[1:2] == ["routes"] and each.target == "auth.routes"
        return bool(inside and inside[0] in SHARED) or at_the_edge

    offenders = [each for each in imports() if _top(each.module) in FEATURES and not allowed(each)]
    assert not offenders, _broken(rule, offenders)


def test_rules_know_no_edge() -> None:
    rule = "`routes` and `events` import their service, never the other way round; `model` and `store` know neither."
    edges = {"routes", "events"}
    inner = {"service", "model", "store"}
    offenders = [
        each
        for each in imports()
        if _top(each.module) in FEATURES
        and each.module.split(".")[1:2]
        and each.module.split(".")[1] in inner
        and each.target.split(".")[1:2]
        and (
            each.target.split(".")[1] in edges
            or (each.module.split(".")[1] in {"model", "store"} and each.target.split(".")[1] == "service")
        )
    ]
    assert not offenders, _broken(rule, offenders)


def test_the_engine_knows_no_feature() -> None:
    rule = (
        "Handler tables are handed to `realtime` by `app.py`, so the engine knows no feature, no `web`, no `storage`."
    )
    offenders = [
        each for each in imports() if _top(each.module) == "realtime" and _top(each.target) not in GROUND | {"realtime"}
    ]
    assert not offenders, _broken(rule, offenders)


def test_storage_implements_ports_and_knows_no_rules() -> None:
    rule = "`storage/*` implements the `store` Protocols: it imports facts, ports and what they promise, never rules."
    allowed = {"model", "store", "bus", "durability"}
    offenders = [
        each
        for each in imports()
        if _top(each.module) == "storage"
        and _top(each.target) not in GROUND | {"storage"}
        and each.target.split(".")[-1] not in allowed
    ]
    assert not offenders, _broken(rule, offenders)


def test_only_the_composition_root_imports_storage() -> None:
    rule = "`app.py` and its `parts` are the only files that import `storage.*`."
    offenders = [
        each
        for each in imports()
        if _top(each.target) == "storage" and _top(each.module) not in {"storage", "app", "parts"}
    ]
    assert not offenders, _broken(rule, offenders)


def test_nothing_imports_the_whole() -> None:
    rule = "`app`, `cli` and `contract` look at everything; only they look at each other."
    offenders = [
        each for each in imports() if _top(each.target) in WHOLE and _top(each.module) not in WHOLE | {"__main__"}
    ]
    assert not offenders, _broken(rule, offenders)


def test_imports_have_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for each in imports():
        if each.for_types:
            continue
        graph.setdefault(each.module, set()).add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"Rule: imports are acyclic.\n{' imports '.join(reversed(error.args[1]))}")


def _reads_the_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    if isinstance(node, ast.Attribute):
        return node.attr in names
    return isinstance(node, ast.ImportFrom) and node.module == "os" and bool(names & {a.name for a in node.names})


def test_only_settings_reads_the_environment() -> None:
    rule = "`settings.py` is the only reader of the environment."
    offenders = [
        path.relative_to(ROOT).as_posix()
        for module, path in _modules().items()
        if module != "settings" and any(map(_reads_the_environment, ast.walk(ast.parse(path.read_text()))))
    ]
    assert not offenders, "\n".join([f"Rule: {rule}", *offenders])


def _undocumented(node: ast.Module | ast.ClassDef, path: Path) -> Iterator[str]:
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or child.name.startswith("_"):
            continue
        marks = {ast.unparse(mark).split(".")[-1] for mark in child.decorator_list}
        if marks & {"override", "overload", "setter"}:
            continue
        if ast.get_docstring(child) is None:
            yield f"{path.relative_to(ROOT)}:{child.lineno} {child.name}"
        if isinstance(child, ast.ClassDef):
            yield from _undocumented(child, path)


def test_everything_public_says_what_it_is_for() -> None:
    rule = "Every public module, class and function has a docstring."
    offenders = []
    for path in _modules().values():
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" and ast.get_docstring(tree) is None:
            offenders.append(f"{path.relative_to(ROOT)}:1")
        offenders += _undocumented(tree, path)
    assert not offenders, "\n".join([f"Rule: {rule}", *offenders])


def test_files_stay_small() -> None:
    rule = "A file has at most 400 lines, the median at most 150: split by subject."
    sources = [
        path
        for folder, pattern in [(PACKAGE, "*.py"), ("scripts", "*.py"), ("tests", "*.py"), ("benchmarks", "*.py")]
        for path in (ROOT / folder).rglob(pattern)
        if "node_modules" not in path.parts
    ]
    sources += [path for path in (ROOT / "client" / "src").rglob("*.ts*") if "generated" not in path.parts]
    lines = {path: len(path.read_text().splitlines()) for path in sources}
    offenders = [f"{path.relative_to(ROOT)}: {count} lines" for path, count in lines.items() if count > 400]
    assert not offenders, "\n".join([f"Rule: {rule}", *offenders])
    assert statistics.median(count for count in lines.values() if count) <= 150, rule
