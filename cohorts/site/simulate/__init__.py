"""Counties with a known truth, for measuring what the scan finds. No rule imports from here: this is the top subject."""
