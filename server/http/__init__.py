"""The web side: `app` sends a request to `forms`, `events`, a plugin (`routes`) or our `status`.

`exchange` reads requests and writes answers, `bodies` reads what forms post, `problems` holds
every refusal, `listener` the socket.
"""
