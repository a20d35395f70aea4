"""What a running server knows of itself: its tasks, its rules, its channels, what it was sent."""

from collections.abc import Iterator, Mapping, Sequence

from relance.concern import Concern, Gravity
from relance.french import quoted, sentence
from server.reports import french
from server.reports.glossary import Glossary

#: How many files of a draft are named.
_SHOWN = 20


def tasks(failing: Sequence[str]) -> Iterator[Concern]:
    """The tasks that failed lately."""
    for name in failing:
        yield Concern(
            "tache",
            Gravity.STOPPED,
            f"La tâche {quoted(name)} a échoué.",
            "Elle est reprise d’elle-même ; le journal du serveur dit pourquoi elle a échoué.",
        )


def unread(*, ready: bool) -> Iterator[Concern]:
    """A server that still takes up its rules, at its start."""
    if not ready:
        yield Concern(
            "regles.lecture",
            Gravity.STOPPED,
            "Les règles se préparent : rien ne part encore.",
            "Rien n’est à faire : ce qui est reçu d’ici là est gardé, et entendu par les règles dès "
            "qu’elles sont prêtes.",
        )


def unpublished(
    problems: Sequence[str], *, on_saving: bool, hindered: tuple[str, str] | None = None
) -> Iterator[Concern]:
    """Why the rules on disk are not those that run; `hindered`: where they are not known to be wrong,
    what keeps them from being published, and what to do."""
    if problems:
        wrong = f"elles contiennent {french.count(len(problems), 'erreur')}"
        why, first = hindered or (wrong, "Corrigez ce qui suit.")
        then = (
            "Le dossier est relu aussitôt. D’ici là, le serveur continue avec la dernière version valable."
            if on_saving
            else f"Publiez ensuite : {quoted('relance publier')}. D’ici là, le serveur continue avec la "
            "dernière publication."
        )
        yield Concern(
            "regles",
            Gravity.STOPPED,
            f"Les règles du dossier ne sont pas publiées : {why}.",
            f"{first} {then}",
            tuple(problems),
        )


def never_published(*, never: bool, withheld: str = "") -> Iterator[Concern]:
    """A project nothing was ever published of; `withheld`: what its start was to publish, and why not."""
    if withheld:
        yield Concern(
            "publication.retenue",
            Gravity.NOTICE,
            withheld,
            f"La publication se demande par {quoted('relance publier')}, ou par la page «\u00a0Publier\u00a0». D’ici là, le "
            "serveur continue avec ce qui tourne.",
        )
    if never:
        yield Concern(
            "regles.jamais-publiees",
            Gravity.STOPPED,
            "Rien n’a encore été publié : les formulaires sont reçus et gardés, mais aucune règle ne "
            "les entend.",
            f"Publiez le projet : {quoted('relance publier')}.",
        )


def draft_differs(pending: Sequence[str]) -> Iterator[Concern]:
    """What was saved since the last publication, and does not run."""
    if pending:
        yield Concern(
            "brouillon",
            Gravity.NOTICE,
            f"Le brouillon diffère de ce qui tourne : {french.count(len(pending), 'fichier')}.",
            f"Rien n’en change avant la publication : {quoted('relance publier --essai')} dit ce "
            f"qu’elle ferait, {quoted('relance publier')} la fait.",
            tuple(pending[:_SHOWN]),
        )


def failing_scenarios(places: Sequence[str], unplayed: str = "") -> Iterator[Concern]:
    """The scenarios that fail, of what runs all the same; `unplayed`: why they could not be played."""
    if unplayed:
        yield Concern(
            "scenarios",
            Gravity.NOTICE,
            "Les scénarios de ce qui tourne n’ont pas pu être joués.",
            "Ils le seront de nouveau, d’eux-mêmes ; d’ici là, nul ne sait s’ils passent.",
            (unplayed,),
        )
    if places:
        fail = "scénario de ce qui tourne échoue", "scénarios de ce qui tourne échouent"
        yield Concern(
            "scenarios",
            Gravity.NOTICE,
            f"{french.count(len(places), *fail)}.",
            f"Corrigez le script ou le scénario, puis publiez : {quoted('relance test')} montre ce qui "
            "était attendu.",
            tuple(places[:_SHOWN]),
        )


def stopped_rules(names: Sequence[str]) -> Iterator[Concern]:
    """The rules of points and interests that failed as they ran."""
    for name in names:
        yield _failed("regle", f"La règle {quoted(name)}", "elle ne donne plus de points")


def stopped_lists(names: Sequence[str]) -> Iterator[Concern]:
    """The dynamic lists whose condition failed."""
    for name in names:
        yield _failed("liste", f"La liste {quoted(name)}", "ses membres ne changent plus")


def _failed(code: str, what: str, effect: str) -> Concern:
    return Concern(
        code,
        Gravity.STOPPED,
        f"{what} est mise de côté, car elle a échoué en marche : {effect}.",
        "Corrigez son script et publiez-le ; le journal du serveur dit l’erreur.",
    )


def cut_channels(reasons: Mapping[str, str], glossary: Glossary) -> Iterator[Concern]:
    """The channels that do not answer, by name, and why."""
    for name, reason in reasons.items():
        yield Concern(
            f"canal.{name}",
            Gravity.STOPPED,
            f"Le canal {quoted(glossary.channel(name))} ne répond plus : {sentence(reason)}",
            "Vérifiez l’adresse et les accès de ce fournisseur dans relance.toml. Ses messages "
            "attendent et repartiront d’eux-mêmes ; le reste continue.",
        )


def cut_sinks(reasons: Mapping[str, str]) -> Iterator[Concern]:
    """The programs that are called and do not answer, by name, and why."""
    for name, reason in reasons.items():
        yield Concern(
            f"appel.{name}",
            Gravity.IMPAIRED,
            f"Le programme appelé sous [{name}] ne répond plus\u00a0: {sentence(reason)}",
            "Vérifiez son adresse dans relance.toml. Ses appels attendent et sont refaits trois jours "
            "durant\u00a0; «\u00a0relance appels\u00a0» les montre. Le reste continue.",
        )


def strangers(sites: Mapping[str, int]) -> Iterator[Concern]:
    """The sites whose forms were refused, and how often, since the start."""
    for site, count in sites.items():
        yield Concern(
            "formulaires.origine",
            Gravity.NOTICE,
            f"{french.count(count, 'formulaire')} de {site} "
            f"{'a été refusé' if count < 2 else 'ont été refusés'} depuis le démarrage.",
            f"Si ce site est à vous, ajoutez-le à {quoted('origines')} de [formulaires].",
        )


def hidden(forms: Mapping[str, int]) -> Iterator[Concern]:
    """The forms of pages that hide their site, and how often, since the start."""
    for form, count in forms.items():
        yield Concern(
            "formulaires.site-cache",
            Gravity.NOTICE,
            f"Le formulaire {quoted(form)} est envoyé par une page qui cache son site "
            f"({french.count(count, 'fois', 'fois')}) : il est reçu, sans être joint aux visites.",
            f"Donnez à cette page {quoted('Referrer-Policy: strict-origin-when-cross-origin')}.",
        )


def filled(addresses: Mapping[str, int]) -> Iterator[Concern]:
    """The addresses that had all they may have kept in a day, and how often they were refused."""
    for address, count in addresses.items():
        yield Concern(
            "formulaires.volume",
            Gravity.NOTICE,
            f"L’adresse {address} a envoyé tout ce qu’elle peut faire garder en un jour : "
            f"{french.count(count, 'envoi refusé', 'envois refusés')} depuis.",
            f"Si ces envois sont à vous, signez-les ou relevez {quoted('volume_par_jour')} de "
            "[formulaires].",
        )


def lost(count: int) -> Iterator[Concern]:
    """How many visits could neither be stored nor kept aside, since the start."""
    if count:
        yield Concern(
            "visites.perdues",
            Gravity.IMPAIRED,
            "Des clics ou des visites n’ont pu être ni notés ni mis de côté depuis le démarrage "
            f"({french.count(count, 'fois', 'fois')}) : les personnes ont été menées à leur page, "
            "mais cela ne compte pas.",
            "Libérez de la place sur le disque et regardez ce qui retient la base : ce qui est de "
            f"côté ({quoted('.relance/de-cote.jsonl')}, 16 Mo au plus) est alors noté de lui-même.",
        )


def crowded(refused: int, *, full: bool) -> Iterator[Concern]:
    """That what waits to be stored leaves no room, or did, and how often that was answered."""
    if not (full or refused):
        return
    times = french.count(refused, "envoi a reçu 503", "envois ont reçu 503")
    yield Concern(
        "recu.plein",
        Gravity.STOPPED if full else Gravity.NOTICE,
        f"Ce qui est reçu attend d’être enregistré et ne laisse plus de place : {times} depuis le "
        "démarrage."
        if full
        else f"{times[:1].upper()}{times[1:]} depuis le démarrage, faute de place pour attendre la base.",
        "Regardez ce qui retient la base, ou la charge de la machine. Qui envoie a été prié de "
        "revenir, et rien de ce qui a été accepté n’est perdu ; tout reprend de soi-même.",
    )
