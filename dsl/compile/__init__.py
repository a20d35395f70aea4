"""Compiling: from the checked tree of a campaign to the program the engine runs."""
