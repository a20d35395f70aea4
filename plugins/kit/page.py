"""The small pages that plugins show people: the look of the server's own, no script, nothing kept."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

_PAGE = """\
<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/relance.css">
<link rel="stylesheet" href="/maison.css">
</head>
<body>
<main class="small">
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
#: The address may open something: no other site is told it, and no cache keeps what it answers.
#: `same-origin`, not `no-referrer`: a browser would then hide even from us whose form it posts.
_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex",
}


def page(
    title: str, content: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A page of that title; `content` is HTML, what it says of people already escaped."""
    written = _PAGE.format(title=title, content=content)
    return HTMLResponse(written, status, headers={**_HEADERS, **(headers or {})})
