"""Phrases on forms, pages and links: events, and how long ago they were."""

import re

from relance.events import FORM_SUBMITTED, LINK_CLICKED, PAGE_VISITED, EventPattern
from relance.facts import Condition, Events, longer_than
from relance.phrase import Kind, Phrase
from relance.values import Duration

FORM = FORM_SUBMITTED
PAGE = PAGE_VISITED
LINK = LINK_CLICKED
#: « www.exemple.ca/tarifs », and not « tarifs.html ».
_SITE = re.compile(r"www\.|[\w-]+(?:\.[\w-]+)*\.(?:ca|com|fr|org|net|quebec|be|ch|io)(?:/|$)", re.I)


def any_form() -> EventPattern:
    """Whatever the form."""
    return EventPattern(FORM)


def form(form: str) -> EventPattern:
    """The lead filled in that form, by its name; any form for « * »."""
    return EventPattern(FORM, form)


def any_page() -> EventPattern:
    """Whatever the page."""
    return EventPattern(PAGE)


def page(page: str) -> EventPattern:
    """That path, or that address."""
    return EventPattern(PAGE, _written(page))


def section(section: str) -> EventPattern:
    """Any path that begins so."""
    start = section.removesuffix("*")
    return EventPattern(PAGE, (_rooted(start) if start else "") + "*")


def link(link: str) -> EventPattern:
    """That tracked link, wherever it stood."""
    return EventPattern(LINK, link)


def since_form(delay: Duration, form: str) -> Condition:
    """Since that form was last sent."""
    return longer_than(delay, Events(EventPattern(FORM, form)))


def since_page(delay: Duration, page: str) -> Condition:
    """Since that page was last seen."""
    return longer_than(delay, Events(EventPattern(PAGE, _written(page))))


def _written(page: str) -> str:
    """A path or an address as pages are kept: from its root, without a « / » at its end."""
    rooted = _rooted(page)
    ends = rooted.endswith("/") and rooted.count("/") > (3 if "://" in rooted else 1)
    return rooted[:-1] if ends else rooted


def _rooted(path: str) -> str:
    """« tarifs » for « /tarifs »; an address without its « https:// » is not guessed at."""
    if path.startswith(("/", "*")) or "://" in path:
        return path
    if _SITE.match(path):
        raise ValueError(
            "écrivez l’adresse complète, «\u00a0https://…\u00a0», ou le chemin seul, «\u00a0/…\u00a0»"
        )
    return "/" + path


PHRASES = (
    Phrase(
        id="web.any_form",
        kind=Kind.EVENT,
        pattern="Formulaire rempli",
        means=any_form,
        help="Le lead a rempli un formulaire, quel qu’il soit.",
        example="Formulaire rempli",
        english="Form submitted",
    ),
    Phrase(
        id="web.form",
        kind=Kind.EVENT,
        pattern="Formulaire {form:formulaire} rempli",
        aliases=("Formulaire {form:formulaire} (soumis|complété)",),
        means=form,
        help="Le lead a rempli ce formulaire.",
        example="Formulaire (Demande de tarif) rempli",
        english="Form {form:formulaire} submitted",
    ),
    Phrase(
        id="web.page",
        kind=Kind.EVENT,
        pattern="Page web {page:page} visitée",
        aliases=(
            "Page {page:page} visitée",
            "Page [web] {page:page} (vue|consultée)",
        ),
        english="Web page {page:page} visited",
        means=page,
        help="Le lead a visité cette page, donnée par son chemin ou son adresse complète ; * "
        "vaut n’importe quelle suite de caractères.",
        example="Page web (/tarifs) visitée",
    ),
    Phrase(
        id="web.section",
        kind=Kind.EVENT,
        pattern="Section de site web {section:section} visitée",
        means=section,
        help="Le lead a visité une page dont le chemin, ou l’adresse complète, commence ainsi. "
        "(/blogue) comprend /blogue, /blogue/velos et aussi /blogues ; (/blogue/) seulement "
        "les pages de ce dossier.",
        example="Section de site web (/blogue) visitée",
        english="Web site section {section:section} visited",
    ),
    Phrase(
        id="web.any_page",
        kind=Kind.EVENT,
        pattern="Site web visité",
        means=any_page,
        help="Le lead a visité une page du site, quelle qu’elle soit.",
        example="Site web visité",
        english="Web site visited",
    ),
    Phrase(
        id="web.link",
        kind=Kind.EVENT,
        pattern="Lien {link:lien} cliqué",
        english="Link {link:lien} clicked",
        means=link,
        help="Le lead a cliqué ce lien suivi, où qu’il ait été : dans un courriel ou sur le site.",
        example="Lien (Essai gratuit) cliqué",
    ),
    Phrase(
        id="web.since_form",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis formulaire {form:formulaire}",
        aliases=("Plus de {delay:durée} se sont écoulées depuis le formulaire {form:formulaire}",),
        means=since_form,
        help="Vrai si plus de temps que cela s’est écoulé depuis que le lead a rempli ce "
        "formulaire pour la dernière fois. S’il ne l’a jamais rempli, la réponse est non.",
        example="Plus de (90 minutes) se sont écoulées depuis formulaire (Demande de tarif)",
        english="More than {delay:durée} have passed since form {form:formulaire}",
    ),
    Phrase(
        id="web.since_page",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis page web {page:page}",
        aliases=("Plus de {delay:durée} se sont écoulées depuis la page web {page:page}",),
        means=since_page,
        help="Vrai si plus de temps que cela s’est écoulé depuis la dernière visite du lead à "
        "cette page. S’il n’y est jamais venu, la réponse est non.",
        example="Plus de (30 jours) se sont écoulés depuis page web (/tarifs)",
        english="More than {delay:durée} have passed since web page {page:page}",
    ),
)
