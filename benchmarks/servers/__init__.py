"""The servers under test: ours and the peers, started the same way, on the same core, with the same scene."""
