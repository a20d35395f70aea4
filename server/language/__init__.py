"""The language service on what a server has: the draft being edited, and answers as JSON.

`dsl/service` answers; here a draft is handed to it, off the loop, and its answers are put in the words
of the wire, where offsets count UTF-16 units as editors do. `lsp` speaks to editors outside.
"""
