"""The scenarios of a draft, played before it is published: `rehearsals` says when, `process` where, `stage_play` how.

What became of them is a value (`draft_rehearsal`), and how far they are one too (`progress`); those that
passed are kept beside the base (`kept_successes`), so that what lasts of them is not played again.
"""
