"""A small catalogue for the checker's tests: enough phrases of every kind, and some that misbehave."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from dsl.check.fields import FieldTable
from dsl.check.lexicon import Lexicon
from dsl.check.meanings import Meanings
from dsl.check.references import Offered, References
from dsl.check.sayings import Sayings
from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.policy import CHANNELS, KnownChannel
from dsl.project import Checked, check
from dsl.read.parser import parse
from dsl.tree import nodes
from relance.effects import (
    AddToList,
    ChangeScore,
    EnterCampaign,
    Send,
    SetField,
)
from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    Birthday,
    Compare,
    Contains,
    Draw,
    Entered,
    Events,
    Field,
    Happened,
    InList,
    IsEmpty,
    Literal,
    Score,
)
from relance.indicator import EventCount, Indicator, Shown
from relance.phrase import Kind, Phrase
from relance.said import Said
from relance.slot import SlotType
from relance.values import Comparator, FieldName
from relance.waits import WaitFor, WaitForWeekday, WaitUntil, WaitUpTo


def between(low: Decimal, high: Decimal) -> All:
    return All(
        (
            Compare(Score(), Comparator.AT_LEAST, Literal(int(low))),
            Compare(Score(), Comparator.AT_MOST, Literal(int(high))),
        )
    )


def broken() -> Any:
    raise KeyError("x")


def refusing(n: Decimal) -> Any:
    raise ValueError("Ce nombre ne convient pas : écrivez-en un autre.")


def day(on: Any) -> WaitUntil:
    return WaitUntil(Field(on.name) if isinstance(on, FieldName) else on)


EVENT, STATE, ACTIVITY, WAIT = Kind.EVENT, Kind.STATE, Kind.ACTIVITY, Kind.WAIT

PHRASES = [
    Phrase("essai.conversion", EVENT, "Conversion {name:conversion} réalisée",
           lambda name: EventPattern("converted", name), "aide", "Conversion (Démo) réalisée"),
    Phrase("web.formulaire", EVENT, "Formulaire {form:formulaire} rempli",
           lambda form: EventPattern("form_submitted", form), "aide", "Formulaire (Tarif) rempli"),
    Phrase("web.page", EVENT, "Page web {page:page} visitée",
           lambda page: EventPattern("page_visited", page), "aide", "Page web (/tarifs) visitée"),
    Phrase("web.evenement", EVENT, "Événement {name:evenement} survenu",
           lambda name: EventPattern("custom", name), "aide", "Événement (Achat) survenu"),
    Phrase("email.lien", EVENT, "Lien {link:lien} cliqué dans courriel {message:courriel}",
           lambda link, message: EventPattern("link_clicked", link, message),
           "aide", "Lien (Essai) cliqué dans courriel (Tarifs)"),
    Phrase("email.lu", EVENT, "Courriel {message:courriel} lu",
           lambda message: EventPattern("email_opened", message), "aide", "Courriel (Tarifs) lu",
           weak=True),
    Phrase("email.envoye", EVENT, "Courriel {message:courriel} envoyé",
           lambda message: EventPattern("email_sent", message),
           "aide", "Courriel (Tarifs) envoyé"),
    Phrase("listes.ajoute", EVENT, "Ajouté à la liste {name:liste}",
           lambda name: EventPattern("list_added", name), "aide", "Ajouté à la liste (Amis)"),
    Phrase("leads.score_plus", STATE, "Pointage lead au-dessus de {n:nombre}",
           lambda n: Compare(Score(), Comparator.GREATER, Literal(int(n))),
           "aide", "Pointage lead au-dessus de (50)"),
    Phrase("leads.score_moins", STATE, "Pointage lead en-dessous de {n:nombre}",
           lambda n: Compare(Score(), Comparator.LESS, Literal(int(n))),
           "aide", "Pointage lead en-dessous de (50)"),
    Phrase("leads.score_entre", STATE, "Pointage lead entre {low:nombre} et {high:nombre}",
           between, "aide", "Pointage lead entre (5) et (10)"),
    Phrase("leads.vide", STATE, "Champ lead {field:champ} est vide",
           lambda field: IsEmpty(Field(field.name)), "aide", "Champ lead (ville) est vide"),
    Phrase("leads.contient", STATE, "Champ lead {field:champ} contient {text:texte}",
           lambda field, text: Contains(Field(field.name), text),
           "aide", "Champ lead (ville) contient (Mont)"),
    Phrase("leads.egal", STATE, "Champ lead {field:champ} est égal à {text:texte}",
           lambda field, text: Compare(Field(field.name), Comparator.EQUAL, Literal(text)),
           "aide", "Champ lead (ville) est égal à (Paris)"),
    Phrase("leads.nombre", STATE, "Champ {field:champ} est {comparator:comparateur} {n:nombre}",
           lambda field, comparator, n: Compare(Field(field.name), comparator, Literal(n)),
           "aide", "Champ (ville) est supérieur à (3)"),
    Phrase("leads.age", STATE, "Âge au-dessus de {n:nombre}",
           lambda n: Compare(Age(Field("date de naissance")), Comparator.GREATER, Literal(int(n))),
           "aide", "Âge au-dessus de (18)"),
    Phrase("leads.anniversaire", STATE, "Anniversaire de {field:champ} aujourd’hui",
           lambda field: Birthday(Field(field.name)),
           "aide", "Anniversaire de (date de naissance) aujourd’hui"),
    Phrase("listes.membre", STATE, "Lead membre de la liste {name:liste}",
           InList, "aide", "Lead membre de la liste (Amis)"),
    Phrase("campagnes.touche", STATE, "Touché par campagne {name:campagne}",
           Entered, "aide", "Touché par campagne (Accueil)"),
    Phrase("email.depuis", STATE, "Un courriel est parti",
           lambda: Happened(Events(EventPattern("email_sent"))), "aide", "Un courriel est parti"),
    Phrase("split.split", STATE, "Split {share:pourcentage}",
           lambda share: Draw(share.value), "aide", "Split 50 %"),
    Phrase("email.envoyer", ACTIVITY, "Envoyer courriel {message:courriel}",
           lambda message: [Send("email", message)], "aide", "Envoyer courriel (Tarifs)"),
    Phrase("leads.pointage", ACTIVITY, "Changer pointage {change:changement}",
           lambda change: [ChangeScore(change)], "aide", "Changer pointage (+10)"),
    Phrase("listes.ajouter", ACTIVITY, "Ajouter à la liste {name:liste}",
           lambda name: [AddToList(name)], "aide", "Ajouter à la liste (Amis)"),
    Phrase("leads.changer", ACTIVITY, "Changer attribut du lead {field:champ} à {text:texte}",
           lambda field, text: [SetField(field.name, text)],
           "aide", "Changer attribut du lead (ville) à (Paris)"),
    Phrase("leads.copier", ACTIVITY, "Copier attribut du lead {a:champ} à {b:champ}",
           lambda a, b: [SetField(b.name, Field(a.name))],
           "aide", "Copier attribut du lead (ville) à (nom)"),
    Phrase("campagnes.envoyer", ACTIVITY, "Envoyer lead dans la campagne {name:campagne}",
           lambda name: [EnterCampaign(name)], "aide", "Envoyer lead dans la campagne (Accueil)"),
    Phrase("attentes.pendant", WAIT, "Attendre pendant {length:durée}",
           lambda length: WaitFor(length), "aide", "Attendre pendant 3 jours"),
    Phrase("attentes.zero", WAIT, "Attendre entre zéro et {length:durée}",
           lambda length: WaitUpTo(length), "aide", "Attendre entre zéro et 3 jours"),
    Phrase("attentes.jusqu", WAIT, "Attendre jusqu’au {on:moment}",
           day, "aide", "Attendre jusqu’au (2026-12-24)"),
    Phrase("attentes.semaine", WAIT, "Attendre un jour de la semaine de {first:jour} à {last:jour}",
           WaitForWeekday, "aide", "Attendre un jour de la semaine de (lundi) à (vendredi)"),
    Phrase("fautive.panne", ACTIVITY, "Tomber en panne", broken, "aide", "Tomber en panne"),
    Phrase("fautive.refus", ACTIVITY, "Refuser {n:nombre}", refusing, "aide", "Refuser (3)"),
    Phrase("fautive.genre", STATE, "Répondre à côté", lambda: "oui", "aide", "Répondre à côté"),
]  # fmt: skip

TYPES = [
    SlotType("courriel", "un message", closed=True),
    SlotType("campagne", "une campagne", closed=True),
    SlotType("conversion", "une conversion", closed=True),
    SlotType("formulaire", "un formulaire"),
    SlotType("page", "une page"),
    SlotType("lien", "un lien"),
    SlotType("liste", "une liste"),
    SlotType("evenement", "un événement"),
]

REFERENCES: Mapping[str, Offered] = MappingProxyType(
    {
        CHANNELS: {
            "courriel": KnownChannel("email", "courriel", frozenset({"offre d'ete"})),
            "SMS": KnownChannel("sms", "SMS"),
        },
        "indicateur": {
            "Nombre de contacts": Indicator(
                "contacts", "Nombre de contacts", EventCount(EventPattern("contact"))
            ),
            "Taux de satisfaction": Indicator(
                "satisfaction",
                "Taux de satisfaction",
                EventCount(EventPattern("rated")),
                Shown.SHARE,
            ),
        },
        "courriel": ("Tarifs", "Témoignages", "Rappel", "Offre d’été", "Offre d’Été"),
        "lien": ("Essai gratuit",),
    }
)


CATALOGUE = Catalogue([PluginPhrases("essai", PHRASES, TYPES)])


def checked(source: str, **others: str) -> Checked:
    """`source` checked as the file « a », beside other files."""
    return check({"a": source, **others}, CATALOGUE, REFERENCES)


def campaign(body: str, header: str = "", entry: str = "quand Formulaire (Tarif) rempli") -> str:
    """A campaign around a body."""
    return f"campagne « Essai »\n{header}\nentrée\n  {entry}\n{body}\nfin\n"


def codes(source: str, **others: str) -> list[str]:
    """The codes of all that is found in `source` and the others."""
    found = checked(source, **others).diagnostics
    return [one.code for several in found.values() for one in several]


def said(text: str) -> Said:
    """What a condition of these words says."""
    lexicon = Lexicon(CATALOGUE)
    read = Sayings(Meanings(lexicon, FieldTable(lexicon), References({})))
    block = parse(f"campagne « X »\nsi {text}\nfin\nfin", CATALOGUE).script.blocks[0]
    assert isinstance(block, nodes.Campaign)
    asked = block.body[0]
    assert isinstance(asked, nodes.If)
    return read.condition(asked.branches[0][0])
