"""What Relance is worth in figures: each one beside a baseline run at the same time.

`python -m bench` prints them all, `python -m bench.journeys` (intake, latency, language, ticks)
one alone. A shared machine makes absolute figures lie; ratios of interleaved runs hold.
"""
