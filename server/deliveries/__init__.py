"""The way out for events: what was noted for each sink (`relance.sink`) is handed over, at least once.

A lane a sink, so that one that is down holds back no other.
"""
