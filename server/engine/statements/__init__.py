"""The statements of a program as set operations over those who stand there.

`plan` compiles them when first needed and `advance` runs them; `statements` are those passed at once,
`waiting` those where leads rest, `rests` until when.
"""
