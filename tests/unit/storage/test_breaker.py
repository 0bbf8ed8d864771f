"""storage/breaker.py: nobody waits for what is down, and one tries now and then."""

from __future__ import annotations

import pytest

from batiyoun.errors import Unavailable
from batiyoun.storage.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_closes_with_the_first_success() -> None:
    now = 0.0
    breaker = Breaker("it", lambda: now, after=3, rest=1.0)
    for _ in range(2):
        breaker.check()
        breaker.failed()
    breaker.succeeded()
    for _ in range(3):
        breaker.check()
        breaker.failed()
    assert breaker.is_open
    with pytest.raises(Unavailable) as refused:
        breaker.check()
    assert refused.value.retry_after == 1.0
    now = 1.0
    breaker.check()  # one may try
    with pytest.raises(Unavailable):
        breaker.check()  # and the others wait for what becomes of it
    breaker.failed()
    now = 1.9
    with pytest.raises(Unavailable):
        breaker.check()
    now = 2.0
    breaker.check()
    breaker.succeeded()
    assert not breaker.is_open
    breaker.check()
