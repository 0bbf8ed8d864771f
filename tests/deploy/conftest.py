"""A certificate, and servers that stand behind a proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.proxies import Caddy, Identity, Nginx, Proxy, new_identity

KINDS: dict[str, type[Proxy]] = {"caddy": Caddy, "nginx": Nginx}


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """One certificate for all proxies of the session."""
    return new_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture(autouse=True)
def node_believes_it(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    """The official JavaScript client trusts the authority of the tests."""
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(identity.authority))


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> type[Proxy]:
    """Every test that takes it runs behind each proxy."""
    return KINDS[request.param]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the proxy keeps its files."""
    made = tmp_path / "proxy"
    made.mkdir()
    return made
