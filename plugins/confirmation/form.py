"""What is answered to a code: the page where one types it, or data for the page of a site."""

import json
from collections.abc import Mapping
from html import escape

from starlette.responses import Response

from plugins.kit.own_pages import CODE
from plugins.kit.page import page
from relance.challenge import Challenge, Miss
from relance.tracking.answers import NOT_KEPT

#: How many figures a code has, and the longest address that is written to (RFC 5321).
FIGURES, LONGEST_ADDRESS = 6, 254
#: To whom came to a page of confirmation by a message meant for somebody else.
NOT_ASKED = '<p class="note">Vous n’avez rien demandé ? Fermez simplement cette page : rien n’aura changé.</p>'
_TITLE = "Confirmer par un code"
_FORM = """\
<p>Tapez le code de {figures} chiffres que nous venons de vous envoyer.</p>
{wrong}<form method="post" action="{path}">
<label for="adresse">Numéro ou courriel où vous l’avez reçu</label>
<input id="adresse" name="adresse" value="{address}" maxlength="{longest}" autocomplete="email" \
autocapitalize="none" spellcheck="false" required{there}>
<label for="code">Code</label>
<input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" \
maxlength="13" required{here}>
<div><button type="submit">Confirmer</button></div>
</form>
{not_asked}
"""
_WRONG = '<p class="wrong" id="faute" role="alert">{said}</p>\n'
_FAULTY = ' aria-invalid="true" aria-describedby="faute"'
_SAID = {
    Miss.WRONG: "Ce code n’est pas le bon, ou il n’est plus valable. Vérifiez-le, ou demandez-en un autre.",
    Miss.TOO_MANY: "Trop d’essais ont été faits. Réessayez demain.",
}
_STATUS = {Miss.WRONG: 422, Miss.TOO_MANY: 429}
#: A window of a day: that is when there is room for sure.
_LATER = {Miss.TOO_MANY: {"retry-after": "86400"}}


def empty() -> Response:
    """The page, before anything was typed."""
    return page(_TITLE, _form(there=" autofocus"))


def missed(miss: Miss, address: str) -> Response:
    """The page again: what was typed proves nothing."""
    wrong = _WRONG.format(said=_SAID[miss])
    typed = escape(address[:LONGEST_ADDRESS])
    content = _form(wrong, typed, here=f"{_FAULTY} autofocus")
    return page(_TITLE, content, _STATUS[miss], _LATER.get(miss))


def _form(wrong: str = "", address: str = "", *, there: str = "", here: str = "") -> str:
    return _FORM.format(
        figures=FIGURES,
        path=CODE,
        longest=LONGEST_ADDRESS,
        not_asked=NOT_ASKED,
        wrong=wrong,
        address=address,
        there=there,
        here=here,
    )


def refused_site() -> Response:
    """To the page of a site that no setting names."""
    said = "<p>Tapez plutôt le code sur la page dont le message vous a donné l’adresse.</p>"
    return page("Ce site n’est pas autorisé à confirmer un code", said, 403)


def as_json(found: Challenge | Miss, shared: Mapping[str, str]) -> Response:
    """The answer to a program, or to the script of a site's page."""
    headers = {**NOT_KEPT, **shared}
    if not isinstance(found, Miss):
        return Response('{"statut": "confirmé"}', 200, headers, "application/json")
    status = _STATUS[found]
    problem = {"title": _SAID[found], "status": status}
    body = json.dumps(problem, ensure_ascii=False)
    again = {**headers, **_LATER.get(found, {})}
    return Response(body, status, again, "application/problem+json")
