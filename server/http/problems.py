"""Refusals: RFC 9457 problem details, in French, each of a stable type that explains itself.

The `type` of a problem is an address of this server (`/problemes/…`) that serves its explanation.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from relance.errors import Problem
from relance.legible import in_json
from server.http.pages import page

CONTENT_TYPE = "application/problem+json; charset=utf-8"
PATH = "/problemes/"
#: What names an unforeseen error, here and in the log of the server.
INCIDENT = "urn:relance:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem: its status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, ProblemType] = {
    "introuvable": ProblemType(404, "Cette page n’existe pas.", "Vérifiez l’adresse demandée."),
    "methode": ProblemType(
        405, "Cette adresse n’accepte pas cette méthode.", "L’en-tête « Allow » dit lesquelles."
    ),
    "hote": ProblemType(
        400,
        "Ce nom de site n’est pas servi ici.",
        "Ajoutez-le au réglage « hotes » s’il est à vous.",
    ),
    "ailleurs": ProblemType(
        503,
        "Cette page est servie par un autre processus de ce serveur.",
        "Demandez-la de nouveau : le répartiteur passe à celui qui l’a (voir «\u00a0Plusieurs processus\u00a0» "
        "dans la page «\u00a0Exploiter\u00a0» de la documentation).",
    ),
    "corps-illisible": ProblemType(
        400,
        "Le contenu envoyé ne peut pas être lu.",
        "Envoyez un formulaire en UTF-8 ou un objet JSON bien formé.",
    ),
    "corps-lent": ProblemType(
        408, "Le contenu n’est pas arrivé à temps.", "Envoyez-le de nouveau."
    ),
    "corps-trop-grand": ProblemType(
        413, "Le contenu envoyé est trop grand.", "Envoyez moins de données à la fois."
    ),
    "format-inconnu": ProblemType(
        415,
        "Ce format de contenu n’est pas accepté.",
        "Les formats acceptés : application/x-www-form-urlencoded, multipart/form-data et "
        "application/json, en UTF-8.",
    ),
    "json-attendu": ProblemType(
        415,
        "Ce format de contenu n’est pas accepté ici.",
        "Envoyez un contenu JSON, annoncé par «\u00a0Content-Type: application/json\u00a0», en UTF-8.",
    ),
    "json-illisible": ProblemType(
        400, "Le JSON envoyé ne se lit pas.", "Envoyez un objet JSON bien formé, en UTF-8."
    ),
    "inconnu": ProblemType(
        404,
        "Ce qui est demandé n’existe pas.",
        "«\u00a0errors\u00a0» dit quoi, et ce qui s’en approche.",
    ),
    "contenu-refuse": ProblemType(
        422, "Le contenu ne peut pas être accepté.", "« errors » dit ce qui est à corriger."
    ),
    "cle-reutilisee": ProblemType(
        422,
        "Cette clé a déjà servi pour un autre contenu.",
        "Une clé d’idempotence vaut pour un seul envoi ; prenez-en une nouvelle.",
    ),
    "contenu-different": ProblemType(
        409,
        "Cet identifiant a déjà servi pour un autre contenu.",
        "Rien n’a changé. « errors » dit ce qui est à faire : une correction est un envoi à part.",
    ),
    "signature": ProblemType(
        401,
        "La signature ou le jeton manque, ou n’est pas valide.",
        "Signez l’envoi (Standard Webhooks) avec le secret réglé sur le serveur, à l’heure juste ; ou, "
        "si c’est un jeton qui est réglé, donnez-le par «\u00a0Authorization: Bearer …\u00a0».",
    ),
    "metriques": ProblemType(
        401,
        "Le jeton des mesures manque, ou n’est pas le bon.",
        "Donnez celui de la section [metriques] par «\u00a0Authorization: Bearer …\u00a0».",
    ),
    "ferme": ProblemType(
        401,
        "Cette adresse est fermée tant qu’aucun secret n’est réglé.",
        "Réglez « secret » ou « jeton » dans la section [evenements] de relance.toml.",
    ),
    "sans-secret": ProblemType(
        401,
        "Cette adresse est fermée tant qu’aucun secret n’est réglé.",
        "Réglez « secret » dans la section de l’extension qui répond à cette adresse.",
    ),
    "connexion": ProblemType(
        401,
        "Il faut être connecté, ou montrer un jeton.",
        "Connectez-vous à l’adresse «\u00a0/connexion\u00a0». Un programme montre le sien par "
        "«\u00a0Authorization: Bearer …\u00a0»\u00a0: un jeton faux, expiré ou révoqué n’ouvre rien.",
    ),
    "role": ProblemType(
        403,
        "Ce compte ou ce jeton n’a pas le rôle qu’il faut.",
        "Qui administre les comptes peut donner ce rôle, ou un jeton qui l’a.",
    ),
    "personnes": ProblemType(
        403,
        "Cette page est pour des personnes : un jeton ne l’ouvre pas.",
        "Un programme demande la même chose à «\u00a0/api/v1\u00a0», que décrit "
        "«\u00a0/api/v1/openapi.json\u00a0»\u00a0; comptes et jetons ne se gèrent que par une personne "
        "connectée, ou sur la machine.",
    ),
    "confirmer": ProblemType(
        403,
        "Redites d’abord qui vous êtes.",
        "Donnez de nouveau votre mot de passe, ou montrez une clé d’accès, à "
        "«\u00a0/connexion/confirmer\u00a0», puis redemandez.",
    ),
    "autre-page": ProblemType(
        403,
        "Cet envoi ne vient pas d’une page de ce serveur.",
        "Rien n’a été changé. Rechargez la page, puis recommencez\u00a0; un programme montre un jeton.",
    ),
    "refuse": ProblemType(
        409,
        "Cela ne peut pas être fait ainsi.",
        "«\u00a0errors\u00a0» dit pourquoi. Rien n’a été changé.",
    ),
    "brouillon-illisible": ProblemType(
        409,
        "Le brouillon du projet ne se lit pas.",
        "«\u00a0errors\u00a0» dit quel fichier, et pourquoi. Rien n’a été changé\u00a0; ce qui tourne tourne toujours.",
    ),
    "brouillon-non-ecrit": ProblemType(
        503,
        "Le brouillon du projet ne peut pas être écrit.",
        "«\u00a0errors\u00a0» dit pourquoi. Rien n’a été écrit\u00a0; ce qui tourne tourne toujours.",
    ),
    "a-change": ProblemType(
        412,
        "Ce que vous changez n’est plus comme vous l’avez vu.",
        "Rien n’a été changé. Relisez-le, puis redemandez avec son nouvel ETag.",
    ),
    "sans-etag": ProblemType(
        428,
        "Dites de quel texte vous partez.",
        "Rien n’a été écrit. Relisez-le, puis renvoyez son ETag dans «\u00a0If-Match\u00a0»\u00a0; "
        "«\u00a0If-Match: *\u00a0» le remplace quel qu’il soit.",
    ),
    "pas-compte": ProblemType(
        409,
        "Les comptes de ce serveur ne sont pas encore faits.",
        "Redémarrez le serveur\u00a0: ses rapports se comptent dès qu’il démarre.",
    ),
    "origine": ProblemType(
        403,
        "Ce site n’est pas autorisé à envoyer ce formulaire.",
        "Ajoutez-le au réglage « origines » de la section [formulaires].",
    ),
    "origine-cachee": ProblemType(
        403,
        "La page cache de quel site elle est, et n’a pas été quittée pour cet envoi.",
        "Donnez à la page « Referrer-Policy: strict-origin-when-cross-origin » ; ou envoyez le "
        "formulaire sans script, par un bouton de la page même.",
    ),
    "trop-de-demandes": ProblemType(
        429, "Trop d’envois en peu de temps.", "Attendez le délai que dit « Retry-After »."
    ),
    "quota": ProblemType(
        429,
        "Cette adresse a déjà envoyé tout ce qu’elle peut en un jour.",
        "Attendez le délai que dit « Retry-After », ou voyez « volume_par_jour » de [formulaires].",
    ),
    "interne": ProblemType(
        500, "Une erreur imprévue est survenue.", "Elle est notée dans le journal du serveur."
    ),
    "occupe": ProblemType(
        503,
        "Trop d’envois arrivent en même temps.",
        "Réessayez après le délai que dit « Retry-After ». Rien n’a été gardé de cet envoi.",
    ),
    "plein": ProblemType(
        503,
        "Trop d’envois attendent déjà d’être enregistrés.",
        "Réessayez après le délai que dit «\u00a0Retry-After\u00a0». Rien n’a été gardé de cet envoi.",
    ),
    "delai": ProblemType(
        503,
        "La base de données met trop de temps à répondre.",
        "Réessayez après le délai que dit « Retry-After », avec la même clé s’il y en a une : "
        "ce qui aurait été gardé ne compte pas deux fois.",
    ),
    "indisponible": ProblemType(
        503,
        "Rien ne peut être enregistré pour le moment.",
        "Réessayez après le délai que dit « Retry-After ». Rien n’a été gardé de cet envoi.",
    ),
}


class Problems:
    """Makes the refusals of one server."""

    def __init__(self, public_url: str) -> None:
        self._base = public_url + PATH

    def answer(
        self,
        name: str,
        errors: Sequence[Problem] = (),
        *,
        instance: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The refusal of that name. `errors` point into the request's content."""
        kind = KINDS[name]
        content: dict[str, object] = {
            "type": self._base + name,
            "title": kind.title,
            "status": kind.status,
            "detail": kind.advice,
        }
        if errors:
            content["errors"] = [
                {"pointer": item.pointer, "detail": item.message} for item in errors[:50]
            ]
        if instance:
            content["instance"] = instance
        # What it shows may be a stranger's: half a character is no text.
        body = in_json(content).encode(errors="replace")
        return Response(body, kind.status, headers, CONTENT_TYPE)


#: What an answer says of its own body.
_OF_BODIES = frozenset({"content-length", "content-type"})
_LATER = "Rien n’a été gardé : attendez quelques instants, puis envoyez de nouveau."
_ELSEWHERE = (
    "Rien n’a été gardé. Ce n’est pas votre faute : la page d’où vous venez n’est pas encore reconnue. "
    "Écrivez à qui tient ce site, et dites-le-lui."
)
_CORRECT = "Revenez à la page précédente pour corriger, puis envoyez de nouveau."
_LATER_STATUSES = frozenset({408, 429, 500, 503})
#: What is said to whoever sent nothing: they only asked for a page.
_UNREAD = "Cette page ne peut pas être montrée pour le moment."
_AGAIN = "Ce qui était enregistré l’est toujours\u00a0: attendez quelques instants, puis rechargez la page."


def for_people(refused: Response, *, reading: bool = False, signed_in: bool = False) -> Response:
    """The same refusal as a page: whoever filled a form in a browser reads no JSON.

    `reading`: nothing was sent, a page was asked for; `signed_in`: by somebody of the team.
    """
    problem = json.loads(bytes(refused.body))
    errors, title = problem.get("errors", []), problem["title"]
    advice = _CORRECT if errors else problem["detail"]
    if refused.status_code in _LATER_STATUSES:
        advice = _AGAIN if reading else _LATER
        title = _UNREAD if reading and refused.status_code == 503 else title
    if problem["type"].endswith(f"{PATH}origine"):
        advice = _ELSEWHERE
    shown = page(
        "refused.html",
        refused.status_code,
        title=title,
        errors=[(_field(item["pointer"]), item["detail"]) for item in errors],
        advice=advice,
        incident=problem.get("instance", "").removeprefix(INCIDENT),
        signed_in=signed_in,
    )
    for name, value in refused.headers.items():
        if name not in _OF_BODIES:
            shown.headers[name] = value
    return shown


def _field(pointer: str) -> str:
    """The field a JSON pointer designates, as the form names it."""
    return pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
