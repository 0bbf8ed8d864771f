"""Benchmarks: one script per claim, peers beside us in the same run, on the same machine, with the same generator.

    python -m benchmarks             a short run of the engine's; writes docs/reference/benchmarks.md
    python -m benchmarks.realtime    fan-out and pairs; `--help` of each script lists its options

The server under test has one core and the generator another. CPU seconds are those the operating system charged to the
server's process (and to the database's), from the same instants as the counts. Trust ratios, not absolutes.
"""
