"""Campaigns that send their leads into others: what takes both to see."""

from collections.abc import Iterable

from dsl.check.campaigns import CheckedCampaign
from dsl.program import Reentry
from relance.fold import key_of
from relance.french import quoted


def judge_requests(campaigns: Iterable[CheckedCampaign], known: Iterable[CheckedCampaign]) -> None:
    """Question those of `campaigns` that send into one of `known` where only an event lets in.

    No error: what is published already would no longer be, for a line that does nothing.
    """
    valued = {
        key_of(one.bound.name): one.bound
        for one in known
        if one.bound.header.reentry is Reentry.BY_VALUE
    }
    for one in campaigns:
        for name, span in one.requests:
            target = valued.get(key_of(name))
            if target is None:
                continue
            by = target.header.reentry_property or ""
            one.findings.warn(
                "R444",
                span,
                f"Personne n’entre dans {quoted(target.name)} par là : elle accepte chacun une fois par "
                f"valeur de {quoted(by)}, que seul un événement dit. Ôtez cette ligne, et laissez l’événement "
                f"l’y faire entrer, ou donnez à {quoted(target.name)} une autre réentrée, comme "
                "«\u00a0réentrée : après sortie\u00a0».",
            )
