"""Out: `dispatch` hands the outbox to the channels, a `lane` each.

`claims` is what it asks of the database; `rate`, `retry` and `breaker` spare the providers.
"""
