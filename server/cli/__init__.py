"""The command line, in French."""
