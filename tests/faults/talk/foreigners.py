"""Members whose client is the official JavaScript one, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass

from tests.faults.talk.people import PATIENCE, Talker
from tests.interop.servers import HERE


@dataclass
class Foreigner(Talker):
    """What they said and heard comes as lines of `talk.mjs`; its clock is ours (clock_gettime(2), CLOCK_MONOTONIC)."""

    async def talk(self, pause: float = 0.0) -> None:
        """Until `stop`, and what was under way then."""
        executable = shutil.which("node")
        assert executable, "Node is not on PATH: run `make test`, which finds or fetches one"
        person = self.person
        process = await asyncio.create_subprocess_exec(
            executable,
            "talk.mjs",
            self.nodes[0],
            self.chat_id,
            person.username,
            person.password,
            self.door.address or "127.0.0.1",
            *(self.door.transports or ()),
            cwd=HERE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        reading = asyncio.create_task(self._read(process.stdout))
        try:
            await self._stop.wait()
            process.stdin.close()
            await asyncio.wait_for(reading, 3 * PATIENCE)
            await asyncio.wait_for(process.wait(), PATIENCE)
        finally:
            reading.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _read(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            said = json.loads(line)
            if "heard" in said:
                self.hear(said["heard"], said["at"])
            elif said.get("ack") is None:
                self.record_silence(said["clientId"], said["sentAt"])
            else:
                self.record(said["clientId"], said["sentAt"], said["answeredAt"], said["ack"])
