"""What is to be answered about those inside before a publication: where they are gone from, and their fate."""

from collections.abc import Iterator, Sequence

from relance.fold import key_of
from relance.french import quoted
from relance.slip import slip_of
from server.engine.transfer.fate import FateOf, whose
from server.orders.declined import Gesture
from server.publication.report import place_of
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.transfers import Insiders

#: Of places and names, how many are told.
_FEW = 5


def misnamed(fates: Sequence[FateOf], campaigns: Sequence[str], inside: Sequence[Insiders]) -> str:
    """Why what is decided names nobody; empty when it does. `campaigns`: those of the project."""
    for text, _ in fates:
        campaign, step = whose(text, campaigns)
        if key_of(campaign) not in map(key_of, campaigns):
            near = slip_of(campaign, campaigns)
            hint = f" Vouliez-vous dire {quoted(near)}\u00a0?" if near is not None else ""
            return f"{quoted(campaign)} : le projet n’a pas de campagne de ce nom.{hint}"
        here = {one.step or "" for one in inside if key_of(one.campaign) == key_of(campaign)}
        if step is not None and key_of(step) not in map(key_of, here):
            return _nobody_in(campaign, step, sorted(here))
    return ""


def _nobody_in(campaign: str, step: str, here: Sequence[str]) -> str:
    place = f"à l’étape {quoted(step)}" if step else "avant toute étape"
    said = f"Dans {quoted(campaign)}, personne ne se trouve {place}"
    if not here:
        return f"{said}, ni ailleurs dans une version d’avant."
    names = ", ".join(f'"{campaign} / {one}"'.replace(' / "', ' /"') for one in here[:_FEW])
    return f"{said}. Il y a quelqu’un à : {names}."


def asked(
    fates: Sequence[FateOf],
    campaigns: Sequence[str],
    inside: Sequence[Insiders],
    glossary: Glossary,
) -> Sequence[str | Gesture]:
    """What is to be said of those who stand where nothing is left; nothing when all is."""
    named = [whose(text, campaigns) for text, _ in fates]
    decided = {(key_of(one), None if step is None else key_of(step)) for one, step in named}
    gone: dict[str, list[Insiders]] = {}
    for one in inside:
        key = key_of(one.campaign)
        if one.gone and not decided & {(key, None), (key, key_of(one.step or ""))}:
            gone.setdefault(one.campaign, []).append(one)
    return list(_questions(gone, glossary))


def _questions(gone: dict[str, list[Insiders]], glossary: Glossary) -> Iterator[str | Gesture]:
    for at, (name, those) in enumerate(gone.items()):
        count = sum(one.count for one in those)
        who = french.count(count, "personne se tient", "personnes se tiennent")
        places = [f"{place_of(one, glossary)} ({french.number(one.count)})" for one in those]
        more = f" et {len(places) - _FEW} autres endroits" if len(places) > _FEW else ""
        yield (
            f"{' ' if at else ''}Dans {quoted(name)}, {who} à un endroit que la nouvelle version n’a "
            f"plus : {' ; '.join(places[:_FEW])}{more}. Dites ce qu’elles deviennent : "
        )
        yield from (Gesture.KEEP, f' "{name}" (la version où elles sont), ', Gesture.MIGRATE)
        yield f' "{name}" (retour à leur dernière étape, sans rien recevoir deux fois) ou '
        yield from (Gesture.LET_GO, f' "{name}". ', Gesture.TRY)
        yield " le montre. Rien n’a été publié."
