"""Looks at everything that a server needs, without starting one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.upkeep import checks
from batiyoun.upkeep.finding import Finding, Grade
from batiyoun.upkeep.outside import check_public


async def examine(
    settings: Settings, runtime: Runtime, stores: AsyncIterator[Finding], *, mail: bool, public: bool
) -> AsyncIterator[Finding]:
    """Findings as they come. `stores`: those about the stores; `mail`: sign in at the mail server; `public`: ask the
    public address as visitors do."""
    folder = settings.data_dir.expanduser().absolute()
    for finding in (*checks.check_directory(folder), *checks.check_space(folder)):
        yield finding
    async for finding in stores:
        yield finding
    for finding in checks.check_certificate(settings, runtime.utcnow()):
        yield finding
    if public:
        for finding in await asyncio.to_thread(lambda: list(check_public(settings, runtime.utcnow()))):
            yield finding
    if mail:
        yield await checks.check_mail(settings)


def exit_code(findings: list[Finding]) -> int:
    """0 when the server can serve; else that of the first problem."""
    return next((finding.exit_code for finding in findings if finding.grade is Grade.PROBLEM), 0)
