"""Small disks for databases, and what happens when they are full."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil


class Disk:
    """A folder with so many megabytes in all, if this user may mount one; a folder like any other if not."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        self.is_small = subprocess.run(command, check=False, capture_output=True).returncode == 0

    @contextmanager
    def full(self, processes: Sequence[psutil.Process]) -> Iterator[None]:
        """Nothing fits on it any more; on a disk that is not ours the processes may not make any file longer."""
        if not self.is_small:
            limits = [(process, process.rlimit(psutil.RLIMIT_FSIZE)) for process in processes]
            for process, (_, hard) in limits:
                process.rlimit(psutil.RLIMIT_FSIZE, (4096, hard))
            yield
            for process, limit in limits:
                if process.is_running():
                    process.rlimit(psutil.RLIMIT_FSIZE, limit)
            return
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass  # ENOSPC: that is what we want
        try:
            yield
        finally:
            ballast.unlink()

    def remove(self) -> None:
        """Give the memory back; nobody may use it any more."""
        if self.is_small:
            subprocess.run(["umount", str(self.folder)], check=True)
            self.is_small = False
