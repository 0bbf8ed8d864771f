"""`python -m benchmarks`: the short run of everything."""

from benchmarks.report import write

write()
