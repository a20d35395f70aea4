"""Shares: the branches of a « répartir » add up to 100 %."""

from decimal import Decimal

from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.tree.nodes import SplitBlock
from relance.values import Percentage

_WHOLE = Decimal(100)


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


def _too_fine(share: Decimal) -> bool:
    return share * 100 != int(share * 100)


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", ",")
