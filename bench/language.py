"""Lines parsed and checked a second, on a project of 5,000 lines.

The project is the library of `rules/`, scenarios included, copied under other names until it is
long enough, with a campaign of `SAMPLE` between, for the structures the library does without.
The baseline is Lark's LALR parser alone on the same text with a grammar that knows nothing but
words, values and lines: what a tree with positions costs in Python before anyone asks what it means.
"""

import re
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from lark import Lark

from bench.figures import Figure, Goal, french, interleaved, table
from dsl.phrases.catalogue import Catalogue
from dsl.project import check
from dsl.service.language_service import EditingDesk, LanguageService
from server.plugins import load_plugins

RULES = Path(__file__).parents[1] / "rules"

SAMPLE = """\
# Un essai de deux objets, une relance, puis le tri.
campagne « Tarifs »
  description : répondre à une demande de tarif
  période : du 2026-12-01 au 2027-12-31
  réentrée : après 30 jours

  entrée
    quand Formulaire (Demande de tarif) rempli
    quand Page web (/tarifs) visitée et Lead membre de la liste (Prospects)
  sortie échouée
    après 60 jours

  étape « Premier envoi »
  répartir « Objet »
    50 % « Question »
      Envoyer courriel (Tarifs A)
    50 % « Chiffre »
      Envoyer courriel (Tarifs B)
  fin
  attendre au plus 3 jours
    dès que Lien (Essai) cliqué dans courriel (Tarifs A) ou Lien (Essai) cliqué dans courriel (Tarifs B)
      Changer pointage (+10)
    passé ce délai
      si Champ lead (cellulaire) est vide et [Pointage lead au-dessous de (10) ou Lead étiqueté (Froid)]
        Étiqueter (À rappeler)
      sinon si Pointage lead entre (10) et (50)
        Ajouter à la liste (Tièdes)
      sinon
        Attendre pendant 2 jours
        aller à l’étape « Premier envoi », 2 fois au plus
      fin
  fin
  Changer attribut du lead (ville) à (Laval)
fin
"""


def project(lines: int) -> dict[str, str]:
    """Scripts of so many lines in all, by file name."""
    files: dict[str, str] = {}
    total = 0
    for number, (name, text) in enumerate(_sources()):
        if total >= lines:
            break
        files[f"{name}-{number}.relance"] = copied = _renamed(text, number)
        total += copied.count("\n")
    return files


def _sources() -> Iterator[tuple[str, str]]:
    texts = [
        (path.stem, path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.relance"))
    ]
    while True:
        yield from texts
        yield "tarifs", SAMPLE


def _renamed(text: str, number: int) -> str:
    """Every name made this copy's own, so that no copy profits from what was read of another."""
    text = re.sub(r"«\s([^»]*?)\s»", rf"« \1 {number} »", text)
    return re.sub(r"\(([A-ZÀ-Ü][^()@]*)\)", rf"(\1 {number})", text)


def references(files: dict[str, str]) -> dict[str, list[str]]:
    """The e-mails these scripts speak of, as if each had its template."""
    joined = "\n".join(files.values())
    return {"courriel": sorted(set(re.findall(r"(?i)courriel \(([^()@]+)\)", joined)))}


def typing(
    runs: int, catalogue: Catalogue, files: dict[str, str], known: dict[str, list[str]]
) -> list[Figure]:
    """What an editor waits for at each key, in one file of the project, beside a check of it all."""
    service = LanguageService(EditingDesk(catalogue), files, known)
    service.diagnostics()
    name = sorted(files)[len(files) // 2]
    keys = count()

    def edited() -> LanguageService:
        return service.edited(name, f"{files[name]}\n# {next(keys)}")

    def remarks() -> float:
        typed = edited()
        return milliseconds(lambda: typed.diagnostics(name))

    def choices() -> float:
        typed = edited()
        return milliseconds(lambda: typed.completions(name, len(files[name]) // 2))

    def whole() -> float:
        typed = edited()
        return milliseconds(lambda: check(typed.sources, catalogue, known))

    beside = "tout vérifier de nouveau"
    return [
        Figure(what, "ms", *_sides(runs, ours, whole, beside), Goal.AT_MOST, 50, on_ratio=False)
        for what, ours in (
            (f"Éditeur : remarques d’un script parmi {len(files)}, à chaque frappe", remarks),
            (f"Éditeur : propositions dans un script parmi {len(files)}", choices),
        )
    ]


def _sides(
    runs: int, ours: Callable[[], float], baseline: Callable[[], float], beside: str
) -> tuple[list[float], str, list[float]]:
    left, right = interleaved(runs, ours, baseline)
    return left, beside, right


def milliseconds(work: Callable[[], object]) -> float:
    """How long that takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


TRIVIAL = r"""
start: (line | _NL)*
line: (WORD | GROUP | QUOTED | MARK)+ _NL
GROUP: /\([^()\n]*\)/
QUOTED: /«[^»\n]*»/
WORD: /[^\W\d_][\w’'-]*/
MARK: /[^\s()«»\w]+|[\w]+|[()]/
_NL: /[ \t]*(#[^\n]*)?\r?\n/
%ignore /[ \t\xa0\u202f]+/
"""


def measure(runs: int = 7, lines: int = 5_000) -> list[Figure]:
    """Lines a second; the catalogue of the built-in plugins is loaded before."""
    files = project(lines)
    known = references(files)
    written = sum(text.count("\n") for text in files.values())
    catalogue = load_plugins().catalogue
    trivial = Lark(TRIVIAL, parser="lalr", propagate_positions=True)

    checked = check(files, catalogue, known)
    if not checked.ok:
        raise AssertionError(next(filter(None, checked.diagnostics.values())))

    def ours() -> float:
        began = time.perf_counter()
        check(files, catalogue, known)
        return written / (time.perf_counter() - began)

    def baseline() -> float:
        began = time.perf_counter()
        for text in files.values():
            trivial.parse(text)
        return written / (time.perf_counter() - began)

    left, right = interleaved(runs, ours, baseline)
    return [
        *typing(runs, catalogue, files, known),
        Figure(
            f"Langage : lignes lues et vérifiées, projet de {french(written)} lignes",
            "/s",
            left,
            "Lark LALR seul, grammaire triviale",
            right,
            Goal.AT_LEAST,
            5_000,
            on_ratio=False,
        ),
    ]


if __name__ == "__main__":
    print(table(measure()))
