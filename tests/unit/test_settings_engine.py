"""What an operator sets reaches the engine."""

from __future__ import annotations

from batiyoun.parts.engine import engine_settings
from batiyoun.realtime import Allowance, Limits, Rate
from batiyoun.settings import Settings


def test_the_defaults_are_the_engine_s_own() -> None:
    limits = engine_settings(Settings()).limits
    assert (limits.socket, limits.user, limits.address) == (Limits().socket, Limits().user, Limits().address)


def test_38_a_user_and_an_address_may_send_a_multiple_of_what_a_connection_may() -> None:
    settings = Settings(
        events_per_second=1, events_burst=2, bytes_per_second=3_000, bytes_burst=4_000, joins_per_second=5,
        joins_burst=6, user_limit_factor=3, address_limit_factor=1.5,
    )  # fmt: skip
    limits = engine_settings(settings).limits
    assert limits.socket == Allowance(Rate(1, 2), Rate(3_000, 4_000), Rate(5, 6))
    assert limits.user == Allowance(Rate(3, 6), Rate(9_000, 12_000), Rate(15, 18))
    assert limits.address == Allowance(Rate(1.5, 3), Rate(4_500, 6_000), Rate(7.5, 9))


def test_38_limits_may_be_switched_off_on_loopback() -> None:
    assert engine_settings(Settings()).limits.enabled is True
    assert engine_settings(Settings(rate_limits=False)).limits.enabled is False
