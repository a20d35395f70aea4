"""A campaign of a project as what its clone is made from: its own text, under a name to come.

The lists it speaks of stay the project's, shared by both; so do its messages, unless the clone is to
have its own. Nobody is in a clone, which says of no other campaign that it was called so before.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dsl.diagnostics import Span
from dsl.language.fr.headers import DESCRIPTION, FAMILY
from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign, Do, Scenario, Script
from relance.fold import fold, key_of
from relance.french import quoted
from server.campaign_library.copying import NotCopied
from server.campaign_library.models import Model, message_name, messages, sent
from server.campaign_library.wording import CAMPAIGN, Mention, mentions, nodes_of
from server.campaign_library.written import find
from server.folder import read_whole, scripts
from server.publication.unusable import reading_draft

_FORMER = "anciennement"
#: Of scenarios, in which every campaign of the project runs; said before a copy is made, and after.
DOUBLED = (
    "Tant que la copie laisse entrer les mêmes personnes, elles ont tout deux fois : messages, points, "
    "étiquettes. Dans les scénarios aussi, où toutes les campagnes du projet tournent : l’un d’eux peut "
    "échouer pour cela, et un seul qui échoue empêche de publier. Changez d’abord par où l’on entre dans la "
    "copie."
)


def original(
    folder: Path,
    name: str,
    catalogue: Catalogue,
    *,
    with_scenarios: bool,
    with_messages: bool,
    only: Collection[str] | None = None,
) -> Model:
    """The campaign of that name in the project of that folder; NotCopied when it has none.

    `only`: of its messages, those to be copied, by their path or their name; None: all of them.
    """
    source, campaign, tested = _found(folder, name, catalogue)
    text = _cut(source, campaign, tested if with_scenarios else ())
    model = _model(campaign, text, catalogue, folder if with_messages else None)
    return model if only is None else replace(model, messages=_chosen(model.messages, only))


def tried(folder: Path, name: str, catalogue: Catalogue) -> int:
    """How many scenarios of the project try that campaign; NotCopied when it has none of that name."""
    return len(_found(folder, name, catalogue)[2])


def _found(
    folder: Path, name: str, catalogue: Catalogue
) -> tuple[str, Campaign, tuple[Scenario, ...]]:
    """Its script, the campaign in it, and the scenarios that try it."""
    paths = {path.relative_to(folder).as_posix(): path for path in scripts(folder)}
    with reading_draft():
        sources = {
            name: read_whole(path, name).decode(errors="replace") for name, path in paths.items()
        }
    found = find(sources, name, catalogue)
    alone = sum(isinstance(one, Campaign) for one in found.read.blocks) == 1
    return (
        sources[found.script],
        found.campaign,
        _scenarios(found.read, found.campaign, alone=alone),
    )


def _chosen(sent_: Mapping[str, str], only: Collection[str]) -> Mapping[str, str]:
    """Those that are named; NotCopied of a name that the campaign sends no message by."""
    by_name = {path: fold(message_name(path, text)) for path, text in sent_.items()}
    for one in only:
        if one not in by_name and fold(one) not in by_name.values():
            raise NotCopied(f"Cette campagne n’envoie aucun message {quoted(one)}.")
    wanted = {*only, *map(fold, only)}
    return {path: text for path, text in sent_.items() if {path, by_name[path]} & wanted}


def _scenarios(script: Script, campaign: Campaign, *, alone: bool) -> tuple[Scenario, ...]:
    """Those that try it: all of its file, or those that name it where there are several."""
    key = key_of(campaign.name.text)
    return tuple(
        one
        for one in script.blocks
        if isinstance(one, Scenario)
        and (alone or key in {key_of(each.text.text) for each in _campaigns(one)})
    )


def _campaigns(scenario: Scenario) -> Iterator[Mention]:
    return (one for one in mentions(scenario) if one.type == CAMPAIGN)


def _cut(source: str, campaign: Campaign, scenarios: tuple[Scenario, ...]) -> str:
    """The text of these alone, each with the comments that stand before it."""
    pieces = [_without(source, campaign)]
    pieces += [_piece(source, one.span) for one in scenarios]
    return "\n\n".join(pieces) + "\n"


def _piece(source: str, span: Span) -> str:
    lines = source[: span.start].split("\n")
    before = []
    for line in reversed(lines[:-1]):
        if not line.strip().startswith("#"):
            break
        before.append(line)
    return "\n".join([*reversed(before), lines[-1] + source[span.start : span.end]])


def _without(source: str, campaign: Campaign) -> str:
    """The campaign, less what it was called before."""
    for line in reversed(campaign.headers):
        if fold(line.key) == _FORMER:
            source = (
                source[: line.span.start]
                + " " * (line.span.end - line.span.start)
                + source[line.span.end :]
            )
    return _piece(source, campaign.span)


def _model(campaign: Campaign, text: str, catalogue: Catalogue, folder: Path | None) -> Model:
    script = parse(text, catalogue).script
    head = {fold(line.key): line.value.text.strip() for line in campaign.headers}
    done = tuple(one for one in nodes_of(script.blocks) if isinstance(one, Do))
    named = {one.text.text for one in mentions(done)}
    return Model(
        name=campaign.name.text,
        channel="",
        family=head.get(fold(FAMILY), ""),
        campaign=campaign.name.text,
        description=head.get(fold(DESCRIPTION), ""),
        source=text,
        script=script,
        messages={} if folder is None else dict(sent(messages(folder), named)),
        images={},  # the project has them already
    )
