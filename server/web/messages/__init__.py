"""The messages of the project: listed, written, seen as their readers would, tried."""
