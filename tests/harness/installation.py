"""An installation of several processes: PostgreSQL, Redis or Valkey, and `batiyoun serve` in one role or another."""

from __future__ import annotations

from pathlib import Path

from tests.harness import forge
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import SERVE, Server, free_port

PUBLIC_URL = "http://chat.test"


class Installation:
    """Databases that are set up, and the servers over them."""

    def __init__(self, folder: Path, postgres: Postgres, redis: RedisServer, **settings: str) -> None:
        """`settings` of all of them, such as another `MESSAGES_URL`, without the prefix."""
        self.folder = folder
        redis.empty()
        self.settings = {
            "DATABASE_URL": postgres.url(postgres.database()),
            "MESSAGES_URL": postgres.url(postgres.database()).replace("+asyncpg", ""),
            "REDIS_URL": redis.url,
            "DATA_DIR": str(folder / "data"),
            **settings,
        }
        self._count = 0
        self._ports: set[int] = set()
        done = forge.run("migrate", environment=self.server().environment, folder=folder)
        assert done.returncode == 0, done.stderr

    def server(self, *arguments: str, **settings: str) -> Server:
        """A server that is not started: `arguments` of `serve`, settings of its own."""
        self._count += 1
        place = self.folder / f"server{self._count}"
        place.mkdir()
        port = settings.get("PORT") or str(free_port(self._ports))
        self._ports.add(int(port))
        # Tests call each process at its own address, and everybody believes the same public one.
        own = {"PORT": port, "PUBLIC_URL": PUBLIC_URL, "ALLOWED_ORIGINS": f"http://127.0.0.1:{port}"}
        return Server(place, (*SERVE, *arguments), **(self.settings | own | settings))
