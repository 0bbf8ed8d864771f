"""The signing keys of this process: looked at every half minute, made anew when the youngest is old enough."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from batiyoun.auth.keys import KeySet, SigningKey, SigningKeyStore, key_set, load_signing_key, new_signing_key
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: seconds between two looks at the store: a key that was taken away is believed no longer than this
REFRESH = 30.0


class KeyRing:
    """Which key signs, and which are believed."""

    def __init__(self, store: SigningKeyStore, runtime: Runtime, *, age: timedelta | None) -> None:
        """Makes the first key when there is none. `age`: how old the youngest may get; None for ever.

        Raises `OSError` and `ValueError` of the store.
        """
        self._store = store
        self._runtime = runtime
        self._age = age
        self._task: asyncio.Task[None] | None = None
        #: grows when a key comes or goes: what was worked out with the keys before is to be forgotten
        self.generation = 0
        if not store.load():
            store.add(new_signing_key(), runtime.utcnow())
        self._set: KeySet = key_set(store.load())
        self.refresh()

    def signing(self) -> SigningKey:
        """The key that signs now."""
        return self._set.signs(self._runtime.utcnow())

    def find(self, key_id: object) -> SigningKey | None:
        """The key of that id, if it is one of ours and not over."""
        return next((key for key in self._set.keys if key.id == key_id), None)

    def jwks(self) -> dict[str, Any]:
        """The public halves as a JSON Web Key Set (RFC 7517 §5), also of the key that signs next."""
        return {"keys": [key.jwk() for key in self._set.keys]}

    def refresh(self) -> None:
        """Look at the store: take what is new, make what is due, forget what is over. Raises `OSError`."""
        now = self._runtime.utcnow()
        keys = self._store.load()
        if not keys or key_set(keys).due(now, self._age):
            # an empty store while we run: somebody took every key away, so that nothing signed by them is believed
            self._store.add(new_signing_key(), now)
            log.info("a new signing key was made")
            keys = self._store.load()
        current = key_set(keys)
        over = current.over(now)
        if over:
            self._store.remove(over)
            current = key_set([key for key in current.keys if key not in over])
        if [key.id for key in current.keys] != [key.id for key in self._set.keys]:
            self.generation += 1
        self._set = current

    def start(self) -> None:
        """Begin looking; call it in the running loop."""
        self._task = asyncio.create_task(self._run(), name="signing keys")

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await asyncio.to_thread(self.refresh)
            except (OSError, ValueError) as exc:
                log.error("the signing keys could not be looked at: %s", exc)  # noqa: TRY400


def rotate(store: SigningKeyStore, runtime: Runtime, *, leaked: bool) -> SigningKey:
    """Make a new key in the store. It signs in ten minutes; with `leaked` at once, and every key until now is void.

    Raises `OSError`.
    """
    before = store.load()
    pem, now = new_signing_key(), runtime.utcnow()
    store.add(pem, now)
    if leaked:
        store.remove(before)
    return load_signing_key(pem, now)
