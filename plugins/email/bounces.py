"""What a refusal says of the address: gone for good (« dur »), or not now (« mou »).

Only what clearly tells that nobody is there stops us from ever writing again. A full mailbox, a
filter, a blocked sender say nothing of the address, even in the 5xx family.
"""

import re

HARD, SOFT = "dur", "mou"

#: RFC 3463: no such mailbox, system or syntax of the address; mailbox disabled; no route to it.
_GONE = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"\b55[013]\b")
_WHO = r"(?:user|mailbox|recipient|address|account|destinataire|adresse|bo[iî]te)"
_GONE_WORDS = re.compile(
    rf"\b(?:no such|unknown|invalid|inconnue?|inexistante?)\s+{_WHO}\b"
    rf"|\b{_WHO}\b.{{0,60}}?\b(?:unknown|not exist|not found|no longer|disabled|inactive|inconnue?"
    r"|inexistante?|n.existe)\b",
    re.IGNORECASE,
)


def status_in(text: str) -> str:
    """The enhanced status in a server's words, if any: « 5.1.1 »."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def kind_of(status: str, text: str) -> str:
    """HARD or SOFT, by the status, else by the words of a server that gives none."""
    if status and not status.endswith(".0.0"):
        return HARD if status in _GONE else SOFT
    told = status_in(text)
    if told and told != status and not told.endswith(".0.0"):
        return HARD if told in _GONE else SOFT
    permanent = status.startswith("5") or _CODE.search(text[:200])
    return HARD if permanent and _GONE_WORDS.search(text[:1_000]) else SOFT
