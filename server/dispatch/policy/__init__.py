"""What the project's policy says of messages about to leave (`dsl.policy`).

`check` asks, `quiet` knows the hours, `caps` counts, `postponed` keeps what is put off.
"""
