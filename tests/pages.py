"""Every page of the server, by who may ask for it: a new one is written here by whoever decides."""

#: What anybody may ask for, and what only the operator may.
OPEN = (
    "/relance.css",
    "/favicon.ico",
    "/favicon.svg",
    "/robots.txt",
    "/problemes/{nom}",
    "/images/{mark}",
    "/statique/{mark}/{file}",
    "/",
    "/sante",
)
CLOSED = ("/vif.js", "/parcours", "/parcours/{lead}", "/api/v1/language/words")
#: What is asked by posting, of the operator alone.
ASKED = tuple(
    f"/api/v1/language/{one}"
    for one in ("check", "complete", "format", "hover", "name", "rename", "symbols")
)
