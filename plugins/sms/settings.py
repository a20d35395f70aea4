"""The `[sms]` section of a project: the provider's account, and in whose name messages leave."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from relance.french import quoted
from relance.host import Setup
from relance.section import Section

#: Every key of the section; the documentation owes each.
KEYS = (
    "adresse",
    "compte",
    "jeton",
    "expediteur",
    "pays",
    "mention",
    "simplifier",
    "aide",
    "debit",
    "connexions",
    "delai",
    "essais",
)
_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|\d{4,8}|[A-Za-z0-9 ]{3,11}")


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The section, read. Without an account nothing leaves and nothing is received."""

    url: str = "https://api.twilio.com"
    account: str = ""
    token: str = ""
    sender: str = ""
    #: The countries that are written to; numbers without a prefix are of the first.
    countries: tuple[str, ...] = ("CA",)
    notice: str = ""
    simplify: bool = False
    help: str = ""
    per_second: float | None = 10.0
    connections: int = 4
    timeout: float = 20.0
    attempts: int = 12

    @property
    def region(self) -> str:
        """The country of numbers written without their prefix."""
        return self.countries[0]

    @property
    def lacking(self) -> str | None:
        """The key that keeps messages from leaving."""
        given = {"compte": self.account, "jeton": self.token, "expediteur": self.sender}
        return next((key for key, value in given.items() if not value), None)


def read_settings(setup: Setup) -> SmsSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = Section("sms", setup.settings("sms"), KEYS)
    return SmsSettings(
        url=_url(given),
        account=_account(given),
        token=given.text("jeton", exact=True),
        sender=_sender(given),
        countries=_countries(given) or (setup.region,),
        notice=given.text("mention"),
        simplify=given.flag("simplifier", False),
        help=given.text("aide"),
        per_second=given.number("debit", 10, 0, 10_000) or None,
        connections=given.integer("connexions", 4, 1, 100),
        timeout=given.number("delai", 20, 0.1, 600),
        attempts=given.integer("essais", 12, 1, 50),
    )


def _url(given: Section) -> str:
    text = given.text("adresse", "https://api.twilio.com").rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise given.wrong("adresse", "doit être une adresse, comme « https://api.twilio.com ».")
    return text


def _account(given: Section) -> str:
    text = given.text("compte")
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{4,64}", text):
        raise given.wrong("compte", "doit être l’identifiant du compte (« AC… »).")
    return text


def _sender(given: Section) -> str:
    text = given.text("expediteur")
    if text and not _SENDER.fullmatch(text):
        raise given.wrong(
            "expediteur",
            "doit être un numéro international (« +15145551234 »), un numéro court, un nom de "
            "3 à 11 lettres ou un service d’envoi (« MG… »).",
        )
    return text


def _countries(given: Section) -> tuple[str, ...]:
    codes = tuple(code.upper() for code in given.texts("pays"))
    for code in codes:
        if not re.fullmatch(r"[A-Z]{2}", code) or code in _MISTAKEN:
            meant = f" (écrivez {quoted(_MISTAKEN[code])})" if code in _MISTAKEN else ""
            example = 'par exemple pays = ["CA", "US"]'
            raise given.wrong(
                "pays", f"doit être une liste de codes de deux lettres, {example}{meant}."
            )
    return codes


#: Codes people write that are no country's.
_MISTAKEN = {"UK": "GB", "EN": "GB"}
