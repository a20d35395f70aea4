"""The contract of Relance: all a plugin needs to import.

Phrases and what they mean (`facts`, `effects`, `waits`), channels, routes, and the host that
runs them. No I/O here; `relance.testing` holds the fakes.
"""
