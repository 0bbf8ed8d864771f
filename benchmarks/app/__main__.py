"""`python -m benchmarks.app`."""

import benchmarks.app
from benchmarks import script

script.main(benchmarks.app.__doc__, benchmarks.app.run)
