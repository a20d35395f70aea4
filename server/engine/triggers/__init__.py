"""Who asks to come in, and who has to leave.

`triggers` are set off by events and by the clock: `schedules` recur, `by_time` and `watches` are for
what turns true without an event; `notings` remember for whom a condition held before it was
published. `entries` answers who asks, `exits` takes leads out.
"""
