"""What an operator may decide about the engine. Times in milliseconds, sizes in bytes, rates per second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from batiyoun.wire.packets import PacketLimits

#: Head of an upgrade request, as for any other request.
MAX_HEAD: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, `burst` at once after a pause."""

    per_second: float
    burst: float

    def times(self, factor: float) -> Rate:
        """That much more."""
        return Rate(self.per_second * factor, self.burst * factor)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one connection, one user or one address may send. A join counts as an event, too."""

    events: Rate = Rate(50, 200)
    bytes: Rate = Rate(1_000_000, 4_000_000)
    joins: Rate = Rate(20, 200)

    def times(self, factor: float) -> Allowance:
        """That much more of everything."""
        return Allowance(self.events.times(factor), self.bytes.times(factor), self.joins.times(factor))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection, one user and one address may do before it is told `rate_limited`.

    `socket` is of one connection, `user` and `address` are of all their connections together. `control` is what needs
    no answer: heartbeats, WebSocket pings, packets without meaning; exceeding it closes the connection. Addresses are
    single IPv4 addresses and /64 networks of IPv6.
    """

    enabled: bool = True
    socket: Allowance = field(default_factory=Allowance)
    user: Allowance = field(default_factory=lambda: Allowance().times(2))
    address: Allowance = field(default_factory=lambda: Allowance().times(20))
    control: Rate = Rate(50, 200)
    handshakes: Rate = Rate(50, 300)
    sockets_per_user: int = 20
    sockets_per_address: int = 500
    namespaces: int = 8
    #: async handlers of one socket at the same time; more are answered `busy`
    running_handlers: int = 16
    #: acknowledgements that one client owes us
    owed_acks: int = 1_000


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Everything about one engine; the defaults are the reference implementation's where it has them.

    `allowed_origins` are further origins (`https://chat.example`) besides the server's own; `trusted_proxies` are
    networks in CIDR form whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    """

    path: str = "/socket.io/"
    #: what the ids of sessions begin with: where several processes share a port, it names the one that holds them
    sid_prefix: str = ""
    ping_interval_ms: int = 25_000
    ping_timeout_ms: int = 20_000
    connect_timeout_ms: int = 45_000
    upgrade_timeout_ms: int = 10_000
    #: how long a peer may take to answer a close, and a slow one to read the rest
    close_timeout_ms: int = 5_000
    max_payload: int = 1_000_000
    transports: tuple[str, ...] = ("polling", "websocket")
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    packets: PacketLimits = field(default_factory=PacketLimits)
    limits: Limits = field(default_factory=Limits)
    #: bytes handed to the operating system's side before a connection counts as slow
    high_water: int = 256 * 1024
    #: bytes kept for a slow connection; live frames beyond it are dropped and `resync` is sent
    max_queue: int = 1024 * 1024
    #: a connection that is slow for longer than this gets no more live frames until it has caught up
    max_lag_ms: int = 10_000
