"""However long a conversation is, a page of it takes the same time, in every store."""

from __future__ import annotations

import pytest

from benchmarks.history import STORES, TARGET, measure


@pytest.mark.soak
@pytest.mark.parametrize("store", STORES)
def test_a_page_takes_the_same_time_at_any_depth(store: str, capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():  # filling a store takes minutes: its progress bar is to be seen
        depths = measure(store)
    assert depths.deepest < TARGET, depths


@pytest.mark.parametrize("store", STORES)
def test_the_measurement_itself(store: str) -> None:
    """Every page that it reads is the right one; its clock proves nothing here."""
    depths = measure(store, messages=3_000)
    assert [place.depth for place, _, _ in depths.places] == [0, 0, 1_000, 1_500, 2_500]
    assert all(0 < p50 <= p99 for _, p50, p99 in depths.places)
