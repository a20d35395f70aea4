"""The web side: `app` sends a request to `forms`, `events`, a plugin (`routes`) or our `status`.

`exchange` reads requests and writes answers, `bodies` reads what forms post, `problems` holds
every refusal (`refusals` says which is whose), `listener` the socket and `wire` its connections.
"""
