"""« anciennement : « … » »: the names a campaign had, so that a rename leaves it the same campaign."""

from collections.abc import Iterable

from dsl.check.findings import Findings
from dsl.check.naming import well_named
from dsl.diagnostics import Span
from dsl.language.fr import headers
from dsl.tree.nodes import Campaign, HeaderLine, Text
from relance.fold import fold, key_of
from relance.french import quoted


def former_names(line: HeaderLine) -> tuple[Text, ...]:
    """The names a line gives, the first one the campaign had first; none if it says it is new."""
    value = line.value
    if headers.is_none(value.text):
        return ()
    found = ((value.span.start + at, name) for at, name in headers.names(value.text))
    return tuple(Text(name, Span(at, at + len(name))) for at, name in found)


def said_new(line: HeaderLine) -> bool:
    """Whether a line says that its campaign never had another name."""
    return headers.is_none(line.value.text)


def names_of(node: Campaign) -> tuple[Text, ...]:
    """The names a campaign says it had."""
    lines = (line for line in node.headers if fold(line.key) == headers.FORMER)
    return tuple(name for line in lines for name in former_names(line))


class Formers:
    """Who was called what before, in the whole project."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Text, Findings]] = {}

    def declare(self, campaign: str, node: Campaign, findings: Findings) -> None:
        """Note the names a campaign had."""
        for name in names_of(node):
            if not well_named(name, findings):
                continue
            key = key_of(name.text)
            if key == key_of(campaign):
                findings.error(
                    "R340", name.span, "C’est le nom que la campagne porte encore : ôtez-le d’ici."
                )
            elif key in self._known:
                other = self._known[key][0]
                findings.error(
                    "R340",
                    name.span,
                    f"{quoted(other)} dit déjà s’être appelée {quoted(name.text)} : une seule "
                    "campagne peut avoir porté ce nom.",
                )
            else:
                self._known[key] = (campaign, name, findings)

    def judge(self, campaigns: Iterable[str]) -> None:
        """Tell the former names that a campaign of the project still has."""
        keys = {key_of(each): each for each in campaigns}
        for key, (_, name, findings) in self._known.items():
            if key in keys:
                findings.error(
                    "R340",
                    name.span,
                    f"Une campagne du projet s’appelle encore {quoted(keys[key])} : celle-ci ne peut "
                    "pas en prendre la suite. Ôtez l’ancienne, ou corrigez ce nom.",
                )

    def renamed(self) -> dict[str, str]:
        """The present name of each campaign, by the keys of those it had."""
        return {key: campaign for key, (campaign, _, _) in self._known.items()}
