"""The command line: one command a file, help and messages in French."""
