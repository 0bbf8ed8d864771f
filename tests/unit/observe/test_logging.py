"""observe/logging.py: one line each, without what people wrote."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from batiyoun.observe.logging import JsonFormatter, TextFormatter, configure_logging, describe, request_id


def record(message: str, *args: Any, failure: BaseException | None = None, **extra: Any) -> logging.LogRecord:
    info = (type(failure), failure, failure.__traceback__) if failure else None
    made = logging.LogRecord("batiyoun.test", logging.INFO, __file__, 1, message, args, info)
    made.created, made.msecs = 1_790_000_000.25, 250.0
    made.__dict__.update(extra)
    return made


def failure() -> Exception:
    def cause() -> None:
        dict[str, str]()["private words"]

    try:
        try:
            cause()
        except KeyError:
            int("more private words")
    except ValueError as exc:
        return exc
    raise AssertionError


@pytest.fixture
def in_a_request() -> Iterator[None]:
    token = request_id.set("abc123")
    yield
    request_id.reset(token)


@pytest.mark.usefixtures("in_a_request")
def test_text_is_for_people() -> None:
    line = TextFormatter(debug=False).format(record("%s is %d", "x", 1))
    assert line == "2026-09-21T14:13:20.250Z INFO batiyoun.test x is 1 [abc123]"


@pytest.mark.usefixtures("in_a_request")
def test_json_is_for_machines() -> None:
    line = JsonFormatter(debug=False).format(record("done", details={"status": 200, "route": "/api/users/me"}))
    assert json.loads(line) == {
        "time": "2026-09-21T14:13:20.250Z",
        "level": "info",
        "logger": "batiyoun.test",
        "message": "done",
        "requestId": "abc123",
        "status": 200,
        "route": "/api/users/me",
    }


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_49_what_an_exception_quotes_is_not_logged(formatter: type[TextFormatter | JsonFormatter]) -> None:
    error = failure()
    quiet = formatter(debug=False).format(record("it failed", failure=error))
    assert "private words" not in quiet
    for known in ("ValueError", "KeyError", "test_logging.py", "failure"):
        assert known in quiet
    assert "private words" in formatter(debug=True).format(record("it failed", failure=error))


def test_causes_that_go_in_circles_end() -> None:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert list(describe(one)) == ["builtins.ValueError", "builtins.KeyError"]


def test_what_json_does_not_know_is_written_as_text() -> None:
    line = JsonFormatter(debug=False).format(record("x", details={"odd": object}))
    assert json.loads(line)["odd"] == "<class 'object'>"


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = ("uvicorn.access", "sqlalchemy.engine", "aiosqlite", "asyncio", "alembic")
    levels = {name: logging.getLogger(name).level for name in quiet}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.usefixtures("restored")
def test_the_level_and_the_form_are_the_operator_s(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "warning")
    logging.getLogger("batiyoun.x").info("quiet")
    logging.getLogger("batiyoun.x").warning("loud")
    logging.getLogger("uvicorn.access").info("203.0.113.7 asked")
    sys.stderr.flush()
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["loud"]


def test_only_our_own_logs_go_into_detail(capsys: pytest.CaptureFixture[str]) -> None:
    """Drivers would write down documents with the words of messages in them."""
    configure_logging("json", "debug")
    logging.getLogger("batiyoun.x").debug("a detail")
    logging.getLogger("pymongo.command").debug('{"insert": "log", "content": "private words"}')
    logging.getLogger("pymongo.topology").info("the primary is another one")
    sys.stderr.flush()
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["a detail", "the primary is another one"]
