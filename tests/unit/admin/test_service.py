"""admin/service.py: passwords that the server makes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from batiyoun.parts.administration import administration
from batiyoun.runtime import Runtime
from batiyoun.settings import load_settings


async def test_a_made_password_is_long_legible_and_new(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, password_cost=4)
    async with administration(settings, Runtime()) as admin:
        made = [admin.new_password() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"(?:[a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", password) for password in made)
    counts = Counter("".join(made).replace("-", ""))
    assert len(counts) == 31
    # 40,000 draws of 31: 1,290 each, with a deviation of 35
    assert all(1_100 < count < 1_500 for count in counts.values())


async def test_made_from_bytes_alone_however_few_of_them_are_usable(tmp_path: Path) -> None:
    given = iter([b"\xff" * 32, b"\x00" * 32])
    runtime = Runtime(random_bytes=lambda _: next(given))
    async with administration(load_settings(data_dir=tmp_path, password_cost=4), runtime) as admin:
        assert admin.new_password() == "aaaaa-aaaaa-aaaaa-aaaaa"
