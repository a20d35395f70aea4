"""Policies for tests, written as a project writes them."""

from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.policy import CHANNELS, KnownChannel, Policy
from dsl.project import check

_KNOWN = {
    label: KnownChannel(code, label)
    for label, code in (("courriel", "email"), ("SMS", "sms"), ("notification", "push"))
}
_NO_PHRASE = Catalogue([PluginPhrases("essai", (), ())])


def policy(*lines: str) -> Policy:
    """A policy of these lines, right whatever it makes impossible."""
    found = check({"a": "\n".join(("politique", *lines, "fin"))}, _NO_PHRASE, {CHANNELS: _KNOWN})
    assert found.ok, found.diagnostics
    return found.policy
