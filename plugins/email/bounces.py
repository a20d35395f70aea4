"""What a refusal says of the address: gone for good (« dur »), or not now (« mou »).

Only what clearly tells that nobody is there stops us from ever writing again. Servers use one
code, 550, for a mailbox that does not exist and for a sender they do not like, and the same words
for both: « user unknown » may speak of the recipient or, where the server calls back, of us. So
whose fault it is comes first, then whether it may pass, and only then whether somebody is there.
"""

import re
from collections.abc import Iterable

HARD, SOFT = "dur", "mou"

#: RFC 3463: no such mailbox, system or syntax of the address; moved; mailbox disabled; no route;
#: RFC 7505: the domain takes no mail. 5.1.0 is said of senders as often as of recipients.
_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_PERMANENT = re.compile(r"\b5[0-5]\d\b")
#: No answer is longer, once on one line; what follows is the message that comes back.
_MOST = 1_000

_WHO = (
    r"(?:users?|mailbox(?:es)?|recipients?|address(?:es)?|accounts?|person|alias|local part"
    r"|utilisat(?:eur|rice)s?|destinataires?|adresses?|bo[iî]tes?(?: aux lettres)?|comptes?"
    r"|usagers?|correspondante?|abonnée?)"
)
_NOBODY = (
    r"(?:unknown|invalid|not (?:exist|found|known|listed|have)|n['’]t (?:exist|have)"
    r"|no longer|no more|disabled|deactivated|discontinued|closed|deleted|inactive"
    r"|inconnue?s?|invalides?|inexistante?s?|introuvables?|n['’](?:existe|a pas été trouv"
    r"|accepte plus|est plus)|désactivée?s?|supprimée?s?|fermée?s?|cl[ôo]turée?s?|résiliée?s?)"
)
_GONE_WORDS = re.compile(
    rf"\b(?:no such|unknown|invalid|non-?existent|inconnue?|inexistante?)\s+{_WHO}\b"
    rf"|\bno\s+(?:\w+\s+)?{_WHO}\b.{{0,20}}?\b(?:here|name|found|exists?)\b"
    rf"|\b(?:aucune?|pas (?:de |d['’]))\s*{_WHO}\b.{{0,20}}?\b(?:nom|ici|trouvée?|existe)\b"
    rf"|\bnot (?:a )?(?:known|valid) {_WHO}\b"
    rf"|\b{_WHO}\b.{{0,80}}?\b{_NOBODY}\b"
    r"|\b(?:does not|doesn['’]t) have an?\b.{0,60}?\baccount\b|Recip(?:ient)?NotFound|\bnullmx\b"
    r"|\b(?:domain|host)(?: or domain)?(?: name)? (?:not found|unknown)\b|\bno such domain\b",
    re.IGNORECASE,
)
#: « Recipient address rejected: … » says whom it means, whatever else it names.
_RECIPIENT = re.compile(rf"\brecipient address rejected\b:?.{{0,40}}?\b{_NOBODY}\b", re.IGNORECASE)

#: What speaks of the one who sends: its name, its machine, its manners, what it writes.
_OURS = re.compile(
    r"\bsender(?:['’]s)?\s+(?:\S+\s+){0,3}?(?:address|domain|verif|mailbox|e-?mail|ip\b|host|id\b"
    r"|is\b|not\b|reject|denied|refused|unknown|invalid|policy|does|has\b|authent|call)"
    r"|\b(?:bad|invalid|unknown|unverified|forged|blocked|reject\w*|verify)\s+sender\b"
    r"|\b(?:envelope|return)[- ](?:sender|from|path)\b|\bmail from\b|\bfrom[: ]+(?:address|domain|header)"
    r"|\bexp[ée]diteur\s+(?:\S+\s+)?(?:inconnu|refus|rejet|invalide|non\b|bloqu|n['’]|inexist|introuv)"
    r"|\b(?:adresse|domaine|serveur|bo[iî]te)\s+(?:de l['’]|d['’]|du )(?:exp[ée]dit|émett|envoi|exp[ée]diteur)"
    r"|\bexp[ée]diteur\b.{0,30}\b(?:vérifi|autoris)"
    r"|\bcall-?(?:out|back)\b|\bspf\b|\bdkim\b|\bdmarc\b|\bhelo\b|\behlo\b|\brdns\b|\bptr\b"
    r"|\breverse\b|\br[ée]solution inverse\b|\bclient host\b|\bconnecting host\b"
    r"|\byour (?:\S+ )?(?:ip|host(?:name)?|domain|server|network|address)\b"
    r"|\bvotre (?:\S+ )?(?:ip|h[ôo]te|domaine|serveur|adresse)\b"
    r"|\b(?:ip|adresse ip)\b|\b(?:black|block|deny)[- ]?list|\bliste noire\b|\brbl\b|\bdnsbl\b"
    r"|\bspamhaus\b|\bspamcop\b|\bbarracuda\b|\bsorbs\b|\br[eé]putation\b"
    r"|\brelay(?:ing)?\b.{0,30}?\b(?:denied|not|prohibited|refus)|\b(?:unable|not \w+|cannot) to relay\b"
    r"|\brelais\b.{0,30}?\b(?:refus|interdit|non)|\bauthenti|\bunauthenti|\bspam|\bpourriel|\bind[ée]sirable"
    r"|\bpolic(?:y|ies)\b|\bpolitique\b|\bvirus\b|\bcontent\b|\bcontenu\b",
    re.IGNORECASE,
)
#: What may pass by itself.
_PASSING = re.compile(
    r"\btemporar|\btry(?:ing)? (?:again|later|your)|\blater\b|\btoo (?:many|much|quickly|fast|often)"
    r"|\bat a rate\b|\brate limit|\bthrottl|\bquota\b|\b(?:is|mailbox|inbox) full\b|\bfull mailbox\b"
    r"|\bstorage\b|\binsufficient\b|\bgr[ea]y-?list|\btemporaire|\bmomentan|\bréessay|\bplus tard\b"
    r"|\bpleine?\b|\bsaturée?\b|\bespace\b|\bdépass",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+")


def status_in(text: str) -> str:
    """The enhanced status in a server's words, if any: « 5.1.1 »."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def about_sender(text: str, senders: Iterable[str] = (), recipient: str = "") -> bool:
    """Whether a refusal speaks of who sends rather than of the address written to.

    `senders`: the addresses our messages come from. A refusal that names one of them, and not the
    recipient, is a callback's (« <news@us.example>: user unknown »).
    """
    text = text[:_MOST]
    if _RECIPIENT.search(text):
        return False
    if _OURS.search(_ADDRESS.sub("@", text)):
        return True
    named = {one.lower().rstrip(".") for one in _ADDRESS.findall(text)}
    ours = {one.lower() for one in senders} - {recipient.lower()}
    return recipient.lower() not in named and not named.isdisjoint(ours)


def kind_of(status: str, text: str, senders: Iterable[str] = (), recipient: str = "") -> str:
    """HARD or SOFT, by whose fault it is, then by the status, else by the words.

    A status that classes nothing (5.0.0, 5.2.0) leaves the words to say.
    """
    if about_sender(text, senders, recipient) or _PASSING.search(text[:_MOST]):
        return SOFT
    precise = next((one for one in (status, status_in(text)) if one and not one.endswith(".0")), "")
    if precise:
        return HARD if precise in _GONE else SOFT
    permanent = status.startswith("5") if status else _PERMANENT.search(text[:200])
    return HARD if permanent and _GONE_WORDS.search(text[:_MOST]) else SOFT
