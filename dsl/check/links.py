"""Tracked links: « lien suivi « Infolettre de mai » : https://… » and its UTM parameters."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from dsl.check.findings import Findings
from dsl.check.naming import well_named
from dsl.check.text import plain
from dsl.diagnostics import Fix
from dsl.help.fidelity import same_name
from dsl.language.fr.link_details import DETAILS_MEANT
from dsl.rules import TrackedLink
from dsl.tree import nodes
from relance.fold import identifier_of, key_of
from relance.french import quoted
from relance.web_address import UTM, refused

_LONGEST = 200


@dataclass(slots=True)
class LinkChecker:
    """The tracked links of a project."""

    found: list[tuple[TrackedLink, Findings]] = field(default_factory=list)
    _named: dict[str, tuple[nodes.LinkBlock, Findings]] = field(default_factory=dict)

    def read(self, block: nodes.LinkBlock, findings: Findings) -> None:
        """Take in one block."""
        if not well_named(block.name, findings):
            return
        name = plain(block.name.text)
        first, where = self._named.setdefault(key_of(name), (block, findings))
        if first is not block:
            findings.error(
                "R318",
                block.name.span,
                f"Le lien {quoted(name)} est déjà déclaré dans {where.file}, ligne "
                f"{where.line(first.span)}. Donnez un autre nom à celui-ci.",
            )
        url = block.url.text.strip()
        reason = refused(url)
        if reason is not None and not url:
            findings.fault()  # the parser has reported it
        elif reason is not None:
            # « www.exemple.ca/tarifs », as everyone says it.
            bare = re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:[/?#].*)?", url)
            whole = (Fix(block.url.span, f"https://{url}", compared=True),) if bare else ()
            findings.error("R326", block.url.span, f"{reason[:1].upper()}{reason[1:]}.", whole)
        utm = self._utm(block, findings)
        if not block.details and findings.readable:
            findings.warn(
                "R328",
                block.span,
                "Ce lien ne dit pas d’où viennent ceux qui le suivent : ajoutez par exemple "
                "« source : infolettre ».",
            )
        self.found.append((TrackedLink(name, url, utm), findings))

    def _utm(self, block: nodes.LinkBlock, findings: Findings) -> dict[str, str]:
        written: dict[str, str] = {}
        for detail in block.details:
            if not detail.name.text:
                findings.fault()
                continue
            parameter = self._parameter(detail, findings)
            value = plain(detail.value.text)
            if parameter is None:
                continue
            if parameter in written:
                findings.error(
                    "R318",
                    detail.span,
                    f"{quoted(detail.name.text)} est déjà donné pour ce lien : gardez une ligne.",
                )
            elif not value or len(value) > _LONGEST:
                findings.error(
                    "R325",
                    detail.value.span,
                    f"La valeur de {quoted(detail.name.text)} compte de 1 à {_LONGEST} caractères.",
                )
            else:
                written[parameter] = value.lower()
        return {name: written[name] for name in UTM.values() if name in written}

    def _parameter(self, detail: nodes.LinkDetail, findings: Findings) -> str | None:
        key = identifier_of(detail.name.text).removeprefix("utm-")
        if key in UTM:
            return UTM[key]
        near = DETAILS_MEANT.get(key) or next(
            iter(get_close_matches(key, UTM, n=1, cutoff=0.6)), None
        )
        near = near if near is not None and (key in DETAILS_MEANT or same_name(key, near)) else None
        known = ", ".join(quoted(word) for word in UTM)
        meant = f" Vouliez-vous écrire {quoted(near)} ?" if near else ""
        findings.error(
            "R327",
            detail.name.span,
            f"{quoted(detail.name.text)} n’est pas une précision d’un lien suivi.{meant} On y écrit "
            f"{known}.",
            (Fix(detail.name.span, near, compared=key in DETAILS_MEANT),) if near else (),
        )
        return None
