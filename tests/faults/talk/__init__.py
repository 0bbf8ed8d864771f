"""People who talk through bad days, what they saw, and whether it was right (criterion P)."""
