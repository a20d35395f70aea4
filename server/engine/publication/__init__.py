"""From a program to what runs.

`publication` makes the campaigns of a `project` immutable, each a `version`; `set_aside` keeps one that
failed out of the others' way.
"""
