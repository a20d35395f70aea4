"""Checking: what a script means, and everything that is wrong with it before anything runs."""
