"""People who are inside when a new version is published: they keep theirs, pass to it, or leave.

What is decided is kept as a *transfer* (`transfers`), done part by part while the campaign goes on: each
is in one version or in the other, never between. `landing` says where each statement is in the new
version; `passing` moves people there, `undoing` puts them back until they move.
"""
