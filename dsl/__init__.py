"""The language: text to tokens, tree, checked program; formatter and diagnostics. Pure: no clock, no I/O."""
