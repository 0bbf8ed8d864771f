"""The end of a process that cannot tell what is durable."""

from __future__ import annotations

import subprocess
import sys

from batiyoun.chats.durability import EXIT_STATUS


def test_the_process_ends_at_once_and_says_why() -> None:
    """Not by an exception: somebody would catch it and acknowledge after all."""
    script = """
import atexit
from batiyoun.chats.durability import end_process
atexit.register(print, "acknowledged")
try:
    try:
        raise OSError(5, "Input/output error")
    except OSError as error:
        end_process("log.db could not be synced to the disk", error)
except BaseException:
    print("acknowledged")
finally:
    print("acknowledged")
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == EXIT_STATUS
    assert done.stdout == ""
    assert "log.db could not be synced to the disk" in done.stderr
    assert "Input/output error" in done.stderr
