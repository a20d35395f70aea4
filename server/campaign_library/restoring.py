"""What a campaign said in an earlier version, put back in the draft in the place of what it says now.

Only the campaign: its scenarios, and what else its script holds, stay as the draft has them. It keeps
the name it has today, by which those who are inside are known.
"""

from collections.abc import Mapping

from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign
from relance.fold import key_of
from relance.french import quoted
from server.campaign_library.copying import NotCopied
from server.campaign_library.written import find


def restored(
    scripts: Mapping[str, str], name: str, version: str, former: str, catalogue: Catalogue
) -> tuple[str, str]:
    """The script where that campaign is, and its text once it says again what `version` said.

    `version`: the text of the script as it was published; `former`: the name the campaign had there.
    NotCopied when either has it no longer, or the script of the draft has errors.
    """
    now = find(scripts, name, catalogue)
    block = _block(version, former, now.campaign.name.text, catalogue)
    source, span = scripts[now.script], now.campaign.span
    return now.script, source[: span.start] + block + source[span.end :]


def _block(version: str, former: str, name: str, catalogue: Catalogue) -> str:
    """The campaign as it was written, under the name it has."""
    for one in parse(version, catalogue).script.blocks:
        if isinstance(one, Campaign) and key_of(one.name.text) == key_of(former):
            title = one.name.span
            return version[one.span.start : title.start] + name + version[title.end : one.span.end]
    raise NotCopied(f"Le texte de cette version n’a plus la campagne {quoted(former)}.")
