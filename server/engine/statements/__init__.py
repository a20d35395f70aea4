"""The statements of a program as set operations over those who stand there.

`plan` compiles them when first needed and `advance` runs them. `lines` are those that all pass one after
another, `stretches` run each as one; `deciding` is where a stretch divides, `statements` what asks
something of each lead, `waiting` where leads rest, `rests` until when.
"""
