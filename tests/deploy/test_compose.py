"""The compose files: well-formed, complete, locked down, and with settings that the server accepts."""

from __future__ import annotations

import ipaddress
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from batiyoun.cli import main
from batiyoun.settings import Settings, file_variables, load_settings, variables
from tests.deploy.compose import DEPLOY, PROJECTS, inside, names, ours, project
from tests.deploy.dockerfile import environment

FILES = sorted(path.name for path in DEPLOY.glob("compose*.yml"))
each_project = pytest.mark.parametrize("name", list(PROJECTS))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make-secrets.sh` makes, and a mail server's address."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(["sh", str(DEPLOY / "scale" / "make-secrets.sh"), str(folder)], check=True, capture_output=True)
    folder.joinpath("smtp_url").write_text("smtp://user:password@mail.example.org:587\n")
    return folder


def test_every_file_is_in_a_project() -> None:
    assert set(FILES) == {file for files in PROJECTS.values() for file in files}


@pytest.mark.parametrize("file", FILES)
def test_it_is_what_the_compose_specification_says(file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@each_project
@pytest.mark.parametrize("kind", ["volumes", "networks", "secrets", "configs"])
def test_what_is_used_is_defined_and_what_is_defined_is_used(name: str, kind: str) -> None:
    whole = project(name)
    used = {each for service in whole["services"].values() for each in names(service.get(kind))}
    assert used == set(whole.get(kind, {}))


@each_project
def test_files_that_it_names_are_there(name: str) -> None:
    whole = project(name)
    for config in whole.get("configs", {}).values():
        assert DEPLOY.joinpath(config["file"]).is_file()
    for secret in whole.get("secrets", {}).values():
        assert secret["file"].startswith("./secrets/")
    for service in whole["services"].values():
        if "build" in service:
            assert DEPLOY.joinpath(service["build"]["context"], service["build"]["dockerfile"]).resolve().is_file()


@each_project
def test_images_are_pinned_to_a_version(name: str) -> None:
    for service in project(name)["services"].values():
        _, colon, tag = service["image"].rpartition(":")
        assert colon
        assert service["image"] == "batiyoun:local" or re.match(r"\d+\.\d+|\d+-", tag), service["image"]


@each_project
def test_every_service_says_whether_it_lives(name: str) -> None:
    """But jobs, which end: for them others wait with `service_completed_successfully`."""
    services = project(name)["services"]
    jobs = {
        needed
        for service in services.values()
        for needed, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    for key, service in services.items():
        check = service["healthcheck"]
        assert check == {"disable": True} if key in jobs else check.get("test"), key
        assert service["restart"] == ("on-failure:5" if key in jobs else "unless-stopped"), key
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services
            assert how["condition"] == ("service_completed_successfully" if needed in jobs else "service_healthy")


@each_project
def test_51_containers_are_locked_down(name: str) -> None:
    services = project(name)["services"]
    exposed = {key for key, service in services.items() if "ports" in service}
    assert exposed == {"caddy"}
    for key, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], key
        assert not {"privileged", "pid", "ipc", "network_mode", "devices", "user"} & set(service), key
        assert "/var/run/docker.sock" not in str(service), key
    for key in (*ours(name), "caddy"):
        assert services[key]["read_only"] is True, key
        assert services[key]["cap_drop"] == ["ALL"], key
        assert services[key].get("cap_add", []) == (["NET_BIND_SERVICE"] if key == "caddy" else []), key


@each_project
def test_49_no_secret_is_in_the_environment(name: str) -> None:
    for service in project(name)["services"].values():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|_URL", variable) and variable != "BATIYOUN_PUBLIC_URL":
                assert variable.endswith("_FILE"), variable
                assert value == f"/run/secrets/{Path(value).name}"
                assert Path(value).name in names(service["secrets"])


def effective(name: str, key: str, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a service, as its container would read them."""
    for variable in (*variables(), *file_variables(), "PORT"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in (environment() | ours(name)[key]["environment"]).items():
        if variable.startswith("BATIYOUN_"):
            assert variable in {**variables(), **file_variables()}, f"{variable} is not a setting"
            monkeypatch.setenv(variable, inside(value, secrets))
    command, *arguments = ours(name)[key].get("command", ["serve"])
    given = command_line(command, arguments).params
    return load_settings(
        **{option: value for option, value in given.items() if value and option in Settings.model_fields}
    )


def command_line(command: str, arguments: list[str]) -> click.Context:
    """What the program makes of a command; raises for an option that does not exist."""
    assert isinstance(main, click.Group)
    return main.commands[command].make_context(command, list(arguments))


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in PROJECTS for key in ours(name)])
def test_the_server_accepts_its_settings(name: str, key: str, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = effective(name, key, secrets, monkeypatch)
    assert settings.secure
    assert settings.data_dir == Path("/data")
    assert any(volume.endswith(":/data") for volume in ours(name)[key]["volumes"])
    if name == "one with mail":
        assert settings.smtp_url == "smtp://user:password@mail.example.org:587"
    if name == "scale":
        assert settings.accounts_url.startswith("postgresql")
        assert settings.messages_url is not None
        assert settings.messages_url.startswith("mongodb://")
        assert settings.redis_url is not None


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in PROJECTS for key in ours(name)])
def test_the_server_understands_its_command(name: str, key: str) -> None:
    command, *arguments = ours(name)[key].get("command", ["serve"])
    context = command_line(command, arguments)
    if arguments:
        assert context.params["role"] == re.sub(r"\d", "", key)


@each_project
def test_only_caddy_is_believed(name: str) -> None:
    whole = project(name)
    address = whole["services"]["caddy"]["networks"]["front"]["ipv4_address"]
    (pool,) = whole["networks"]["front"]["ipam"]["config"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(pool["subnet"])
    for service in ours(name).values():
        assert service["environment"]["BATIYOUN_TRUSTED_PROXIES"] == address


@each_project
def test_caddy_finds_the_servers(name: str) -> None:
    whole = project(name)
    caddy = whole["services"]["caddy"]
    port = Settings.model_fields["port"].default
    upstreams = {
        address
        for variable, value in caddy["environment"].items()
        if variable != "CHAT_DOMAIN"
        for address in value.split()
    }
    serving = {
        key
        for key, service in ours(name).items()
        if service.get("command", ["serve"])[-1] in {"serve", "api", "realtime"}
    }
    assert upstreams == {f"{key}:{port}" for key in serving}
    used = DEPLOY.joinpath(whole["configs"]["caddyfile"]["file"]).read_text()
    for variable in caddy["environment"]:
        assert f"{{${variable}:" in used


def test_the_stores_cannot_be_reached_from_outside() -> None:
    whole = project("scale")
    assert whole["networks"]["back"] == {"internal": True}
    for key in ("postgres", "mongo", "mongo-setup", "redis"):
        assert whole["services"][key]["networks"] == ["back"]


def test_53_secrets_are_made_once_and_kept_from_others(secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    made = {path.name: path.read_text() for path in secrets.iterdir() if path.name != "smtp_url"}
    wanted: set[str] = set(project("scale")["secrets"])
    assert set(made) == wanted
    passwords = [made[name] for name in made if name.endswith("password") or name == "mongo_keyfile"]
    assert all(re.fullmatch(r"[0-9a-f]{48}", password) for password in passwords)
    assert len(set(passwords)) == len(passwords)
    assert made["database_password"] in made["database_url"]
    assert made["messages_password"] in made["messages_url"]
    assert re.search(r"requirepass ([0-9a-f]{48})\n", made["redis_conf"])
    again = subprocess.run(
        ["sh", str(DEPLOY / "scale" / "make-secrets.sh"), str(secrets)], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "nothing was changed" in again.stderr
    assert made == {path.name: path.read_text() for path in secrets.iterdir() if path.name != "smtp_url"}


def test_the_hosts_of_the_stores_are_services(secrets: Path) -> None:
    services: dict[str, Any] = project("scale")["services"]
    for name in ("database_url", "messages_url", "redis_url"):
        host = re.search(r"@([a-z]+):\d+/", secrets.joinpath(name).read_text())
        assert host
        assert host[1] in services
