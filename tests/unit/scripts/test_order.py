"""The order in which files are run at once."""

from __future__ import annotations

from tests.harness.server import ROOT
from tests.order import BROWSERS, SECONDS, SHORT, arranged

FILES = [path.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("test_*.py")]


def test_it_names_files_that_exist() -> None:
    assert set(SECONDS) <= set(FILES)


def test_every_file_is_run_once() -> None:
    assert sorted(arranged(FILES)) == sorted(FILES)
    assert arranged([]) == []


def test_none_comes_after_a_shorter_one_of_its_kind() -> None:
    order = arranged(FILES)
    for browsers in (True, False):
        lengths = [SECONDS.get(file, SHORT) for file in order if file.startswith(BROWSERS) is browsers]
        assert lengths == sorted(lengths, reverse=True)


def test_browsers_are_never_far_ahead_or_behind() -> None:
    work = {file: SECONDS.get(file, SHORT) for file in FILES}
    total = sum(seconds for file, seconds in work.items() if file.startswith(BROWSERS))
    begun = browsers = 0
    for file in arranged(FILES):
        begun += work[file]
        browsers += work[file] * file.startswith(BROWSERS)
        assert abs(browsers / total - begun / sum(work.values())) < 0.1, file
