"""Undoes what nodes that are gone have left open.

A node that is killed in the middle of a transaction keeps its chats locked: MongoDB undoes a transaction of which
nothing was heard only after `transactionLifetimeLimitSeconds`, a minute by default. Nobody could write there so long.
"""

from __future__ import annotations

import logging

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from batiyoun.runtime import Runtime
from batiyoun.storage.mongo.client import APP_NAME, Document, Mongo

logger = logging.getLogger(__name__)

#: seconds without a statement: between two of one transaction a node that lives does nothing but compute. On a machine
#: that is starved of CPU this takes half of it, and ending what lives would only make more to do.
_SILENT = 3.0
#: seconds for which other transactions must be in the way before somebody looks, and until somebody looks again
PATIENCE = 1.0


class Abandoned:
    """Ends the sessions that have an open transaction of ours and are silent.

    A node that was only stopped for a while finds its transaction undone, and tries it again.
    """

    def __init__(self, mongo: Mongo, runtime: Runtime) -> None:
        self._mongo = mongo
        self._runtime = runtime
        self._looked_at = -PATIENCE

    async def undo(self) -> None:
        """Look for such sessions, at most once a second, and end them. Never raises: others try again anyway."""
        now = self._runtime.monotonic()
        if now - self._looked_at < PATIENCE:
            return
        self._looked_at = now
        admin = self._mongo.client.admin
        try:
            with pymongo.timeout(PATIENCE):
                found = await admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": _LEFT_OPEN}])
                sessions = [{"id": operation["lsid"]["id"]} async for operation in found]
                if sessions:
                    await admin.command("killSessions", sessions)
                    logger.warning("undid %d transactions of MongoDB that a node had left open", len(sessions))
        except OperationFailure as error:
            logger.warning("MongoDB does not let us end transactions that are left open (code %s)", error.code)
        except PyMongoError:
            logger.info("MongoDB did not say in time which transactions are left open")


_LEFT_OPEN: Document = {
    "type": "idleSession",
    "appName": APP_NAME,
    "transaction.timeInactiveMicros": {"$gt": int(_SILENT * 1_000_000)},
}
