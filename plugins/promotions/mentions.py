"""The products and promotions that messages name, held against those of the project."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from plugins.kit.shelf import Goods
from relance.fault import Fault
from relance.fold import fold
from relance.french import quoted
from relance.project_files import ProjectFiles
from relance.slip import slip_of

#: Where messages stand, and how their files end.
_MESSAGES = (("courriels", ".md"), ("sms", ".txt"), ("sms", ".md"), ("notifications", ".md"))
_MOST_BYTES = 300_000
_NAMED = re.compile(r"\b(produits|promotions)\s*\[\s*([\"'])(.{1,200}?)\2\s*\]")
_WHAT = {"produits": "produit", "promotions": "promotion"}


def faults_of(files: ProjectFiles, goods: Goods) -> Iterator[Fault]:
    """Each name that nothing answers to."""
    codes = {
        "produits": {key: one.sku for key, one in goods.products.value.records.items()},
        "promotions": {key: one.code for key, one in goods.promotions.value.records.items()},
    }
    # One that is no text is told by the plugin whose message it is.
    for file, text in chain.from_iterable(files.texts(*one, _MOST_BYTES) for one in _MESSAGES):
        for match in _NAMED.finditer(text):
            kind, _, code = match.groups()
            known = codes[kind]
            if fold(code) not in known:
                line = text.count("\n", 0, match.start()) + 1
                yield Fault(file, line, _unknown(kind, code, known))


def _unknown(kind: str, code: str, known: Mapping[str, str]) -> str:
    near = slip_of(fold(code), known)
    meant = f" ; vouliez-vous dire {quoted(known[near])} ?" if near else ""
    return f"le projet n’a pas de {_WHAT[kind]} {quoted(code)}{meant}"
