"""What the Makefile and the build hook run. Standard library only: these start before anything is installed."""
