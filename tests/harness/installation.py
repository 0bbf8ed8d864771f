"""An installation of several processes: PostgreSQL, Redis or Valkey, and `batiyoun serve` in one role or another."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import SERVE, Server

#: `batiyoun migrate` of the source tree.
MIGRATE = (*SERVE[:-1], "migrate")


class Installation:
    """Databases that are set up, and the servers over them."""

    def __init__(self, folder: Path, postgres: Postgres, redis: RedisServer) -> None:
        self.folder = folder
        redis.empty()
        self.settings = {
            "DATABASE_URL": postgres.url(postgres.database()),
            "MESSAGES_URL": postgres.url(postgres.database()).replace("+asyncpg", ""),
            "REDIS_URL": redis.url,
            "DATA_DIR": str(folder / "data"),
        }
        self._count = 0
        done = subprocess.run(
            MIGRATE, env=self.server().environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr

    def server(self, *arguments: str, **settings: str) -> Server:
        """A server that is not started: `arguments` of `serve`, settings of its own."""
        self._count += 1
        place = self.folder / f"server{self._count}"
        place.mkdir()
        return Server(place, (*SERVE, *arguments), **(self.settings | settings))
