"""Which settings make no sense together, as far as that takes more than a line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batiyoun.settings import Settings


def check_processes(settings: Settings) -> None:
    """Several processes need places to meet. Raises `ValueError` with the way out."""
    if settings.role == "all" and settings.workers == 1:
        return
    what = f"BATIYOUN_ROLE={settings.role}" if settings.workers == 1 else f"BATIYOUN_WORKERS={settings.workers}"
    if settings.redis_url is None:
        msg = (
            f"{what} needs BATIYOUN_REDIS_URL: several processes share their sessions there and tell each other of "
            "messages. Name a Redis or Valkey, or run one process that does everything."
        )
        raise ValueError(msg)
    if settings.messages_address.startswith("sqlite:"):
        msg = (
            f"{what} needs BATIYOUN_MESSAGES_URL on PostgreSQL or MongoDB: a message log in SQLite has one process "
            "to itself. `batiyoun storage move` copies what there is."
        )
        raise ValueError(msg)
    if settings.role != "all" and settings.accounts_url.startswith("sqlite"):
        msg = f"{what} needs BATIYOUN_DATABASE_URL on PostgreSQL: every role must see the same accounts."
        raise ValueError(msg)
    if settings.role in {"api", "realtime"} and settings.public_url is None:
        msg = (
            f"{what} needs BATIYOUN_PUBLIC_URL: access tokens and origins are checked against the one address that "
            "people use, whatever address a process listens on."
        )
        raise ValueError(msg)
    if settings.role == "worker" and settings.workers > 1:
        raise ValueError("BATIYOUN_WORKERS is for processes that serve: one of the role `worker` is enough.")
    if settings.workers > 1 and settings.tls_cert is not None:
        raise ValueError(
            "BATIYOUN_WORKERS with BATIYOUN_TLS_CERT is refused: an encrypted connection cannot be passed from one "
            "process to another. Put a TLS proxy in front, or run one process."
        )
