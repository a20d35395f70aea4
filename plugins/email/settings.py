"""The `[email]` section of a project: where messages are handed over, and in whose name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from plugins.email.headers import Mailbox, mailbox
from relance.channel import OTHER_DOMAINS, Doubt
from relance.french import quoted
from relance.section import Section
from relance.templates.reading import read_liquid

_SPAN = re.compile(r"(\d{1,4})\s*(?:s|(min))")
#: How the domains that no pace names are called in a setting.
_OTHERS = "autres"
_RATE = re.compile(r"(?!0+(?:\.0*)?$)[0-9]{1,5}(?:\.[0-9]{1,3})?")
_NAMED = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?")
_PORTS = {"aucune": 25, "starttls": 587, "tls": 465}
_DOUBTS = {"garder": Doubt.HOLD, "renvoyer": Doubt.RESEND}

#: Every key of the section; the documentation owes each.
KEYS = (
    "serveur",
    "port",
    "securite",
    "certificat",
    "utilisateur",
    "mot_de_passe",
    "expediteur",
    "retour",
    "connexions",
    "debit",
    "debits",
    "montee",
    "delai",
    "essais",
    "doute",
    "suivi_clics",
    "suivi_ouvertures",
    "dkim_cle",
    "dkim_selecteur",
    "dkim_domaine",
    "adresse_desabonnement",
    "adresse_postale",
    "rapports",
    "secret",
    "attente_des_clics",
    "fiche_lead",
    "regroupement_alertes",
)


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The section, read."""

    host: str = "localhost"
    port: int = 25
    security: str = "aucune"
    certificate: str | None = None
    user: str | None = None
    password: str = ""
    sender: Mailbox | None = None
    bounces: Mailbox | None = None
    connections: int = 8
    per_second: float | None = None
    #: Messages a second to a domain, « * » for each of the others.
    paces: Mapping[str, float] = field(default_factory=dict)
    #: How many leave the first day, where the sender is new; None: as many as there are.
    first_day: int | None = None
    timeout: float = 30.0
    attempts: int = 12
    #: A crash must lose no message; the copies, if any, carry one Message-ID.
    doubt: Doubt = Doubt.RESEND
    track_clicks: bool = True
    track_opens: bool = False
    leave_by_mail: Mailbox | None = None
    postal_address: str = ""
    #: The file of the key that mails are signed with, and the name it is published by.
    dkim_key: str = ""
    dkim_selector: str = "relance"
    #: The domain that signs; the sender's own when it is not said.
    dkim_domain: str = ""
    #: Who tells that a message arrived: nobody (« non »), its server (« dsn »), the provider.
    reports: str = "non"
    #: How long a visit of a link waits to be told from a machine's by what follows.
    stall: timedelta = timedelta(seconds=20)
    #: Where alerts send their reader to see the lead: Liquid of the lead's fields.
    lead_page: str = ""
    #: How long alerts of a type to one person wait for one another, after the first; 0: they do not.
    gathers: timedelta = timedelta(minutes=10)


def read_settings(section: Mapping[str, object]) -> EmailSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = _Section("email", section, KEYS)
    security = given.choice("securite", "", ("", *_PORTS))
    host = given.text("serveur", "localhost")
    if not security:
        security = "aucune" if host in {"localhost", "127.0.0.1", "::1"} else "starttls"
    return EmailSettings(
        host=host,
        port=given.integer("port", _PORTS[security], 1, 65_535),
        security=security,
        certificate=given.text("certificat", "") or None,
        user=given.text("utilisateur", "") or None,
        password=given.text("mot_de_passe", exact=True),
        sender=given.mailbox("expediteur"),
        bounces=given.mailbox("retour"),
        connections=given.integer("connexions", 8, 1, 100),
        per_second=given.number("debit", 0, 0, 100_000) or None,
        paces=given.paces("debits"),
        first_day=given.integer("montee", 0, 0, 1_000_000) or None,
        timeout=given.number("delai", 30, 0.1, 600),
        attempts=given.integer("essais", 12, 1, 50),
        doubt=_DOUBTS[given.choice("doute", "renvoyer", tuple(_DOUBTS))],
        track_clicks=given.flag("suivi_clics", True),
        track_opens=given.flag("suivi_ouvertures", False),
        leave_by_mail=given.mailbox("adresse_desabonnement"),
        postal_address=given.text("adresse_postale", ""),
        dkim_key=given.text("dkim_cle", ""),
        dkim_selector=given.domain("dkim_selecteur", "relance"),
        dkim_domain=given.domain("dkim_domaine", ""),
        reports=given.choice("rapports", "non", ("non", "dsn", "fournisseur")),
        stall=given.span("attente_des_clics", "20 s", 10),
        lead_page=given.liquid("fiche_lead"),
        gathers=given.span("regroupement_alertes", "10 min", 1_440),
    )


class _Section(Section):
    """The section, whose mailboxes and addresses made of fields are read too."""

    def liquid(self, name: str) -> str:
        text = self.text(name)
        _, wrong = read_liquid(text)
        if wrong:
            raise self.wrong(name, f"ne peut pas être lu : {wrong[0][1]}.")
        return text

    def paces(self, name: str) -> Mapping[str, float]:
        """How many messages a second each domain may be sent, as « gmail.com 5 » says."""
        found = {}
        for text in self.texts(name):
            whose, _, rate = text.strip().lower().rpartition(" ")
            whose = OTHER_DOMAINS if whose.strip() == _OTHERS else whose.strip()
            number = rate.replace(",", ".")
            if not _RATE.fullmatch(number) or not (
                whose == OTHER_DOMAINS or _NAMED.fullmatch(whose)
            ):
                said = (
                    f"doit dire un domaine et un nombre par seconde, comme {quoted('gmail.com 5')}"
                )
                said = f"{said} ou {quoted('autres 20')}"
                raise self.wrong(name, f"{said} ; {quoted(text[:60])} n’en dit pas.")
            if whose in found:
                raise self.wrong(name, f"parle deux fois de {quoted(text.rpartition(' ')[0])}.")
            found[whose] = float(number)
        return found

    def domain(self, name: str, default: str) -> str:
        """A name that the DNS may hold."""
        text = self.text(name, default).strip().lower()
        if text and not _NAMED.fullmatch(text):
            raise self.wrong(name, f"n’est pas un nom de domaine : {quoted(text[:60])}.")
        return text

    def span(self, name: str, default: str, most: int) -> timedelta:
        """A duration, of `most` minutes at the most."""
        found = _SPAN.fullmatch(self.text(name, default).lower())
        span = timedelta(seconds=int(found[1]) * (60 if found[2] else 1)) if found else None
        if span is None or span > timedelta(minutes=most):
            said = (
                f"doit être une durée de 0\u00a0s à {most}\u00a0min, comme «\u00a0{default}\u00a0»."
            )
            raise self.wrong(name, said)
        return span

    def mailbox(self, name: str) -> Mailbox | None:
        text = self.text(name, "")
        if not text:
            return None
        found = mailbox(text)
        if found is None or found.utf8:
            raise self.wrong(
                name,
                f"n’est pas une adresse : {quoted(text)}. "
                f"Exemple : {quoted('La Boutique <bonjour@boutique.ca>')}.",
            )
        return found
