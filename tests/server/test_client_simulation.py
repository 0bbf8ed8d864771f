"""The client's simulation of bad days with encrypted groups, long: `make test` plays a few histories of it."""

from __future__ import annotations

import pytest

from tests.server.test_client_core import vitest


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_devices_agree_and_show_everything_after_any_history(seed: int) -> None:
    variables = {"BATIYOUN_SIMULATIONS": "60", "BATIYOUN_SIMULATION_SEED": str(seed)}
    vitest("core", variables, "simulation.test.ts")
