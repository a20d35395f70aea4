"""Liquid with few tags, and messages found by name, for every plugin that writes to people."""
