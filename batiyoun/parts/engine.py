"""The realtime engine as the operator wants it."""

from __future__ import annotations

from batiyoun.realtime import (
    Allowance,
    EngineSettings,
    Limits,
    Rate,
)
from batiyoun.settings import Settings
from batiyoun.web.passing import prefix_of
from batiyoun.workers import Seat


def engine_settings(settings: Settings, seat: Seat | None = None) -> EngineSettings:
    """What the operator decided about the engine; `seat` is the place of this process among several on the port."""
    allowance = Allowance(
        events=Rate(settings.events_per_second, settings.events_burst),
        bytes=Rate(settings.bytes_per_second, settings.bytes_burst),
        joins=Rate(settings.joins_per_second, settings.joins_burst),
    )
    return EngineSettings(
        sid_prefix="" if seat is None else prefix_of(seat.index),
        ping_interval_ms=settings.ping_interval_ms,
        ping_timeout_ms=settings.ping_timeout_ms,
        connect_timeout_ms=settings.connect_timeout_ms,
        upgrade_timeout_ms=settings.upgrade_timeout_ms,
        max_payload=settings.max_payload,
        allowed_origins=(*settings.allowed_origins, *((settings.public_url,) if settings.public_url else ())),
        trusted_proxies=settings.trusted_proxies,
        limits=Limits(
            enabled=settings.rate_limits,
            socket=allowance,
            user=allowance.times(settings.user_limit_factor),
            address=allowance.times(settings.address_limit_factor),
            sockets_per_user=settings.sockets_per_user,
            sockets_per_address=settings.sockets_per_address,
        ),
    )
