"""Shares: the branches of a « répartir » add up to 100 %."""

from decimal import Decimal

from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.tree.nodes import SplitBlock
from relance.values import Percentage

_WHOLE = Decimal(100)
#: Parts are of so many; and what each share keeps unless the script says otherwise.
_ALL, _FLOOR = 10_000, 500


def check_shares(node: SplitBlock, meanings: Meanings, findings: Findings) -> None:
    """Tell what does not add up."""
    read = [meanings.read("pourcentage", share.percent, findings) for share in node.shares]
    shares = [one.value for one in read if isinstance(one, Percentage)]
    if len(shares) < len(read):
        return
    total = sum(shares, Decimal(0))
    if total != _WHOLE or any(one < 0 for one in shares) or any(_too_fine(one) for one in shares):
        findings.error(
            "R407",
            node.span,
            f"Les parts de « répartir » font {_shown(total)} % : elles doivent faire 100 %, chacune "
            "avec deux décimales au plus.",
        )


def check_floor(
    node: SplitBlock, meanings: Meanings, findings: Findings, *, aimed: bool
) -> int | None:
    """The least part of a share that follows the goal, of 10,000; `aimed`: the campaign has one."""
    if node.by_goal is None:
        return None
    if not aimed:
        findings.error(
            "R459",
            node.by_goal.span,
            "Cette campagne n’a pas d’objectif que la répartition puisse suivre : écrivez-en un en tête, comme "
            "« objectif « Abonnement » : Formulaire (Abonnement) rempli », ou ôtez "
            "« selon l’objectif ».",
        )
        return None
    if not node.by_goal.text:
        return min(_FLOOR, _ALL // max(len(node.shares), 1))
    read = meanings.read("pourcentage", node.by_goal, findings)
    if not isinstance(read, Percentage):
        return None
    floor = int(read.value * 100)
    if not 0 < floor * len(node.shares) <= _ALL:
        findings.error(
            "R459",
            node.by_goal.span,
            f"Avec {len(node.shares)} parts, chacune ne peut pas garder au moins {_shown(read.value)} % : il n’y en a "
            "que 100 à partager.",
        )
        return None
    return floor


def _too_fine(share: Decimal) -> bool:
    return share * 100 != int(share * 100)


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", ",")
