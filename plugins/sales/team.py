"""The team as the project writes it: `equipe.toml`, one `[[personne]]` after the other.

[[personne]]
nom = "Marc Tremblay"
courriel = "marc@exemple.ca"
telephone = "514 555-0101"
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from relance import toml_file
from relance.errors import ConfigurationError
from relance.fault import Fault
from relance.fold import fold, loose_key
from relance.french import quoted
from relance.person import Person
from relance.project_files import ProjectFiles

FILE = "equipe.toml"
MAX_BYTES = 200_000
MAX_NAME = 100
_ABSENT = "absent"
_KEYS = ("nom", "courriel", "telephone", _ABSENT)
_TABLE = "personne"
_EXAMPLE = '« [[personne]] », puis « nom = "Marc Tremblay" » et « courriel = "marc@exemple.ca" »'


@dataclass(frozen=True, slots=True)
class Team:
    """What the file says: the people it tells well, and what is wrong with the rest.

    `unreadable` is the fault of a file nothing can be known of.
    """

    people: tuple[Person, ...] = ()
    faults: tuple[Fault, ...] = ()
    unreadable: Fault | None = None


def read(files: ProjectFiles) -> Team:
    """The team of a project; empty when it has no such file."""
    try:
        data = files.contents[FILE]
    except KeyError:
        return Team()
    except OSError:
        return _lost(1, "ce fichier ne peut pas être lu")
    if len(data) > MAX_BYTES:
        return _lost(1, "ce fichier est trop grand pour une équipe")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _lost(line, "ce fichier n’est pas un texte en UTF-8 ; enregistrez-le en UTF-8")
    document = toml_file.read(text, FILE)
    if document.faults:
        return Team(faults=document.faults, unreadable=document.faults[0])
    return _Reader(text.replace("\r\n", "\n"), document.data).read()


def unreadable(fault: Fault) -> ConfigurationError:
    """A fault as the operator is told it."""
    return ConfigurationError(f"{fault.file}, ligne {fault.line} : {fault.message}")


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address."""
    try:
        validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _lost(line: int, message: str) -> Team:
    fault = Fault(FILE, line, message)
    return Team(faults=(fault,), unreadable=fault)


class _Reader:
    """Reads one text. TOML tells no lines: they are found by the headers of the tables."""

    def __init__(self, text: str, data: Mapping[str, object]) -> None:
        self._data = data
        self._lines = text.split("\n")
        self._starts = [
            at
            for at, line in enumerate(self._lines, 1)
            if re.match(rf"\s*\[\[\s*\"?{_TABLE}\"?\s*\]\]", line)
        ]
        self._faults: list[Fault] = []
        self._seen: dict[str, str] = {}

    def read(self) -> Team:
        for name in self._data:
            if name != _TABLE:
                self._fault(
                    self._line_of(name, 1),
                    f"{quoted(name)} n’est pas attendu ici ; une personne s’écrit {_EXAMPLE}",
                )
        rows = self._data.get(_TABLE, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._fault(1, f"une personne s’écrit {_EXAMPLE}")
            rows = []
        return Team(tuple(self._people(rows)), tuple(self._faults))

    def _people(self, rows: list[Mapping[str, object]]) -> Iterator[Person]:
        for number, row in enumerate(rows):
            start = self._starts[number] if number < len(self._starts) else 1
            person = self._person({loose_key(name): value for name, value in row.items()}, start)
            if person is not None:
                yield person

    def _person(self, row: Mapping[str, object], start: int) -> Person | None:
        for key, value in row.items():
            line = self._line_of(key, start)
            if key not in _KEYS:
                known = ", ".join(_KEYS)
                self._fault(line, f"{quoted(key)} n’est pas connu ; une personne a {known}")
            elif key == _ABSENT:
                if not isinstance(value, bool):
                    self._fault(line, f"{quoted(key)} s’écrit true ou false, sans guillemets")
            elif not isinstance(value, str):
                self._fault(line, f"{quoted(key)} s’écrit entre guillemets droits")
        name = self._name(row.get("nom"), start)
        email = self._email(row.get("courriel"), start)
        if name is None:
            return None
        return Person(name, email, _text(row.get("telephone")), row.get(_ABSENT) is True)

    def _name(self, given: object, start: int) -> str | None:
        name = " ".join((_text(given) or "").split())
        line = self._line_of("nom", start)
        if not name:
            self._fault(line, 'il manque le nom de cette personne : « nom = "Marc Tremblay" »')
            return None
        if len(name) > MAX_NAME or not name.isprintable() or "@" in name or "(" in name:
            self._fault(line, f"{quoted(name[:MAX_NAME])} ne peut pas être le nom d’une personne")
            return None
        first = self._seen.setdefault(fold(name), name)
        if first is not name:
            self._fault(line, f"{quoted(name)} est déjà dans l’équipe ; distinguez les deux noms")
            return None
        return name

    def _email(self, given: object, start: int) -> str | None:
        address = _text(given)
        if address is None:
            self._fault(start, "il manque le courriel de cette personne, à qui vont ses alertes")
        elif is_address(address):
            return address
        else:
            line = self._line_of("courriel", start)
            self._fault(line, f"{quoted(address[:MAX_NAME])} n’est pas une adresse de courriel")
        return None

    def _line_of(self, key: str, start: int) -> int:
        """The line of a key, from a table's own on; the table's when it has none."""
        for at in range(start, len(self._lines) + 1):
            line = self._lines[at - 1]
            if at > start and line.lstrip().startswith("["):
                break
            name, equals, _ = line.partition("=")
            if (equals or line.lstrip().startswith("[")) and loose_key(name) == loose_key(key):
                return at
        return start

    def _fault(self, line: int, message: str) -> None:
        self._faults.append(Fault(FILE, line, message))


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
