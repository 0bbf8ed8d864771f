"""What happens when the promise "acked means on disk" cannot be kept.

Rows that are committed but could not be synced stay visible to this process and may be gone after a power cut: neither
an ack nor a refusal would be true. Only a new process, which reads what the disk really holds, can tell (design D4).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: sysexits.h EX_IOERR: a supervisor restarts us, and we read back what the disk really holds.
EXIT_STATUS = 74


class DurabilityLost(Exception):
    """Rows were committed and could not be synced; whether they survive is unknown until the process starts anew."""


#: Called with the reason and its cause; does not return outside of tests.
Fatal = Callable[[str, BaseException], None]


def end_process(reason: str, cause: BaseException) -> None:
    """Log and end the process at once, without running anything that could still acknowledge a message."""
    logger.critical("%s; the process ends now so that nothing unsaved is acknowledged", reason, exc_info=cause)
    logging.shutdown()
    os._exit(EXIT_STATUS)
