"""`python -m benchmarks`: the short run of the engine."""

from benchmarks.report import write

write()
