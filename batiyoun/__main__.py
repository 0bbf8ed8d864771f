"""`python -m batiyoun`."""

from batiyoun.cli import main

main(prog_name="batiyoun")
