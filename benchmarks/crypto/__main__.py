"""`python -m benchmarks.crypto`."""

import benchmarks.crypto
from benchmarks import script

script.main(benchmarks.crypto.__doc__, benchmarks.crypto.run)
