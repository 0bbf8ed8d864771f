"""What happens to a cluster while people talk, by the names of reliability's table."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Awaitable, Callable

import psutil

from tests.faults.talk.cluster import Cluster
from tests.harness.freezing import freeze
from tests.harness.server import Server
from tests.interop.servers import HERE

Accident = Callable[[Cluster], Awaitable[None]]
HOUR, DAY = 3_600, 86_400


async def nothing(_: Cluster) -> None:
    """A calm second."""
    await asyncio.sleep(1)


async def _kill(node: Server) -> None:
    node.kill()
    await asyncio.sleep(0.5)
    await asyncio.to_thread(node.start)


async def kill_a_realtime_node(cluster: Cluster) -> None:
    """kill -9, and it is back."""
    await _kill(cluster.realtime[0])


async def kill_an_api_node(cluster: Cluster) -> None:
    """kill -9, and it is back."""
    await _kill(cluster.api[0])


async def restart_the_nodes(cluster: Cluster) -> None:
    """One after the other, as an update does."""
    for node in cluster.nodes:
        await asyncio.to_thread(node.restart)


async def _freeze(node: Server) -> None:
    await asyncio.to_thread(freeze, node.pid)
    await asyncio.sleep(4)
    os.kill(node.pid, signal.SIGCONT)


async def freeze_a_realtime_node(cluster: Cluster) -> None:
    """Longer than its clients wait for it: they are elsewhere when it goes on."""
    await _freeze(cluster.realtime[1])


async def freeze_an_api_node(cluster: Cluster) -> None:
    """The proxy finds out."""
    await _freeze(cluster.api[1])


async def freeze_redis(cluster: Cluster) -> None:
    """It hangs for longer than anybody waits for it."""
    cluster.stores.redis.pause()
    await asyncio.sleep(3)
    cluster.stores.redis.resume()


async def kill_redis(cluster: Cluster) -> None:
    """It comes back with what it knew."""
    cluster.stores.redis.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.stores.redis.start)


async def empty_redis(cluster: Cluster) -> None:
    """It comes back and knows nobody: everybody signs in again."""
    redis = cluster.stores.redis
    redis.kill()
    for kept in redis.folder.glob("appendonly*"):
        shutil.rmtree(kept)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(redis.start)


async def kill_postgres(cluster: Cluster) -> None:
    """A power cut; three of them, for what is lost is what the last fraction of a second brought."""
    for _ in range(3):
        await asyncio.to_thread(cluster.stores.postgres.kill)
        await asyncio.to_thread(cluster.stores.postgres.start)
        await asyncio.sleep(1)


async def freeze_postgres(cluster: Cluster) -> None:
    """It hangs for longer than anybody waits for it."""
    await asyncio.to_thread(cluster.stores.postgres.freeze)
    await asyncio.sleep(3)
    await asyncio.to_thread(cluster.stores.postgres.thaw)


async def lose_the_primary(cluster: Cluster) -> None:
    """It dies, the others go on without it, and it comes back."""
    mongo = cluster.stores.mongo
    primary = await asyncio.to_thread(mongo.primary)
    primary.kill()
    await asyncio.to_thread(mongo.primary, primary)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(mongo.start)


async def lose_the_majority(cluster: Cluster) -> None:
    """It dies; the primary, which has not found out, dies with what only it has; the majority comes back before it."""
    mongo = cluster.stores.mongo
    primary = await asyncio.to_thread(mongo.primary)
    for member in mongo.members:
        if member is not primary:
            member.kill()
    await asyncio.sleep(0.7)  # shorter than the primary takes to find out
    primary.kill()
    await asyncio.to_thread(mongo.start_all_but, primary)
    await asyncio.to_thread(mongo.start)


async def fill_the_disks(cluster: Cluster) -> None:
    """Of PostgreSQL, and of MongoDB's primary; space returns, and what ended meanwhile is started again."""
    postgres, mongo = cluster.stores.postgres, cluster.stores.mongo
    primary = await asyncio.to_thread(mongo.primary)
    assert postgres.disk is not None
    assert primary.disk is not None
    assert primary.process is not None
    with postgres.disk.full(postgres.family()), primary.disk.full([psutil.Process(primary.process.pid)]):
        await asyncio.sleep(4)
    if not await asyncio.to_thread(postgres.is_running):
        await asyncio.to_thread(postgres.start)
    if primary.process.poll() is not None:
        primary.kill()
    await asyncio.to_thread(mongo.start)


async def change_clocks(cluster: Cluster) -> None:
    """Those of one node of each kind go wrong by an hour and by days, in both directions."""
    for seconds in (HOUR, -HOUR, 3 * DAY, -3 * DAY, 0):
        other = cluster.clock.with_suffix(".new")
        other.write_text(str(seconds))
        other.replace(cluster.clock)
        await asyncio.sleep(1)


async def storm_of_150(cluster: Cluster) -> None:
    """Their node is killed, and they come back all at once."""
    await _storm(cluster, 150)


async def storm_of_1000(cluster: Cluster) -> None:
    """Their node is killed, and they come back all at once."""
    await _storm(cluster, 1_000)


async def _storm(cluster: Cluster, clients: int) -> None:
    town = cluster.town()
    try:
        crowd = await town.sign_up("crowd")
        token = (await crowd.http.get("/api/auth/verify-me")).json()["token"]
    finally:
        await town.close()
    executable = shutil.which("node")
    assert executable
    process = await asyncio.create_subprocess_exec(
        *(executable, "storm.mjs", cluster.proxy.url, token, str(clients)),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert (await asyncio.wait_for(process.stdout.readline(), 60)).strip() == b"ready"
        process.stdin.write(b"now\n")
        await process.stdin.drain()
        cluster.realtime[0].kill()
        said = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        assert said["cut"] > clients / 10, said
        assert said["seconds"] < 30, said
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await asyncio.to_thread(cluster.realtime[0].start)
