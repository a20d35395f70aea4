"""What activities do, as set operations.

`effects` has one for each effect of the contract, an `operation` each: `points`, `assignment` (among
the `team`) and `rewriting` (by a plugin) are those that need more than a few lines.
"""
