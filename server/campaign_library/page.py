"""The library as a page of Markdown, written anew from its models whenever they change."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from dsl.diagnostics import Span
from server.campaign_library.models import Model, message_name, the_campaign
from server.campaign_library.wording import LIST

_HEAD = """\
# La bibliothèque de campagnes

<!-- Page écrite par « relance modeles --markdown » à partir de la bibliothèque : ne pas la modifier à la main. -->

Des campagnes prêtes, rangées par famille, chacune par courriel et par SMS. `relance modeles` les liste ; celle qui vous convient devient la vôtre, sous son nom à vous, avec ses messages et ses scénarios :

```sh
relance nouveau "Bonne fête" --depuis anniversaire --dossier mon-projet
relance nouveau "Bonne fête, en bref" --depuis anniversaire --par sms --dossier mon-projet
relance nouveau "Bonne fête" --depuis anniversaire --essai   # ce qui serait écrit, sans rien écrire
```

Rien n’est jamais écrasé. Une liste ou un message dont le nom est déjà pris en reçoit un autre. La campagne est inactive tant que vous ne l’avez pas publiée puis activée : [la vie d’une campagne](vie-des-campagnes.md).

En tête de chaque campagne, « À régler » dit quoi changer : la liste de ceux qui reçoivent, l’heure, la période. Les messages sont ceux d’une boutique de vélos, La Petite Roue : changez-en le texte, l’expéditeur, l’image (la première ligne, un fichier du dossier `images`) et l’adresse du bouton (le lien seul sur sa ligne). Un SMS demande [un fournisseur](sms.md) ; ce qui s’assigne à l’équipe de vente demande une équipe, [`equipe.toml`](ventes.md) : sans elle, ces scénarios disent que personne n’est averti.
"""
#: What the world around has to give, by the type of slot that names it.
_NEEDS = {
    "formulaire": "formulaires",
    LIST: "listes",
    "champ": "champs",
    "événement": "événements",
    "page": "pages",
}


def page(found: Sequence[Model]) -> str:
    """The whole page."""
    parts = [_HEAD]
    for family, models in groupby(found, key=lambda one: one.family):
        parts.append(f"## {family[:1].upper()}{family[1:]}\n")
        for name, variants in groupby(models, key=lambda one: one.name):
            parts += [f"### `{name}`\n", *_model(tuple(variants))]
    return "\n".join(parts)


def _model(variants: Sequence[Model]) -> Iterator[str]:
    for one in variants:
        yield f"- **Par {one.channel}** : « {one.campaign} », {one.description}."
        for when in the_campaign(one.script).entries:
            yield f"  - Entrée : `{_written(one, when.span)}`"
        for line in one.lists:
            yield f"  - Qui reçoit : `{_written(one, line.span)}`"
        sent = _listed(message_name(*each) for each in one.messages.items())
        yield f"  - Ses messages : {sent}"
        needs = list(_needs(one))
        if needs:
            yield f"  - Ce qu’il lui faut : {' ; '.join(needs)}"
    yield ""


def _written(model: Model, span: Span) -> str:
    return " ".join(model.source[span.start : span.end].split())


def _needs(model: Model) -> Iterator[str]:
    """What it names that it does not bring itself."""
    own = {one.name.text for one in model.lists}
    for type_, label in _NEEDS.items():
        names = [one for one in model.named(type_) if one not in own]
        if names:
            yield f"{label} {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"« {one} »" for one in names)
