"""What a generator can be asked to do, and what it answers: one JSON object a line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Seat(msgspec.Struct, frozen=True):
    """One connection to be made: the cookie of the person (None: the server asks for none) and the CONNECT payload."""

    cookie: str | None = None
    auth: str = ""


class Sender(msgspec.Struct, frozen=True):
    """A connection that sends, by its place among the seats, to a chat of which `members` connections are open."""

    seat: int
    chat_id: str
    members: int


class Open(msgspec.Struct, frozen=True, tag=True):
    """Connect all seats, at most `concurrency` handshakes at a time. Answered by `Opened`."""

    port: int
    seats: Sequence[Seat]
    concurrency: int = 100


class Windows(msgspec.Struct, frozen=True, tag=True):
    """Closed loop: every sender keeps `window` messages in flight. Answered by `Throughput`."""

    senders: Sequence[Sender]
    pids: Sequence[int]
    window: int
    content: int
    warmup: float
    seconds: float


class Paced(msgspec.Struct, frozen=True, tag=True):
    """Open loop: `rate` messages a second, round robin over the senders, whatever the answers. Answered by `Pace`."""

    senders: Sequence[Sender]
    pids: Sequence[int]
    rate: float
    content: int
    warmup: float
    seconds: float


class Stall(msgspec.Struct, frozen=True, tag=True):
    """Stop reading on these seats; what is sent to them is not expected any more. Answered by `Done`."""

    seats: Sequence[int]


class Drop(msgspec.Struct, frozen=True, tag=True):
    """Cut all connections without a goodbye. Answered by `Done`."""


class Opened(msgspec.Struct, frozen=True, tag=True):
    """How connecting went: seconds from the first to the last, and of a handshake."""

    seconds: float
    p50: float
    p99: float


class Throughput(msgspec.Struct, frozen=True, tag=True):
    """What happened within `seconds`: acknowledged messages and deliveries, CPU seconds of server and generator."""

    seconds: float
    messages: int
    deliveries: int
    cpu: float
    generator_cpu: float


class Pace(msgspec.Struct, frozen=True, tag=True):
    """Seconds from sending to the acknowledgement and to each delivery; the rate that was reached and its cost.

    `late` is how long after its due time the 99th of a hundred messages was sent: the generator's own fault.
    """

    rate: float
    ack_p50: float
    ack_p99: float
    delivery_p50: float
    delivery_p99: float
    late: float
    cpu: float
    seconds: float


class Done(msgspec.Struct, frozen=True, tag=True):
    """It is done."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be done; `reason` is for people."""

    reason: str


Job = Open | Windows | Paced | Stall | Drop
Answer = Opened | Throughput | Pace | Done | Failed
