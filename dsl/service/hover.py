"""What stands under the pointer: what a phrase means and how it is written, what a name is and who uses it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.diagnostics import Span
from dsl.language.fr.constructs import CONSTRUCTS, model
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.composed import Composed
from dsl.service.memory import ReadScript
from dsl.service.names import NameTable, ProjectName
from dsl.service.occurrences import Occurrence, walk
from dsl.tree.nodes import PhraseUse
from relance.fold import key_of
from relance.french import quoted
from relance.phrase import Kind, Phrase


@dataclass(frozen=True, slots=True)
class Hover:
    """`title` and `paragraphs` of what stands at `span`; `places` are where a name is used."""

    span: Span
    title: str
    paragraphs: tuple[str, ...]
    example: str = ""
    places: tuple[Occurrence, ...] = ()


def hover(script: ReadScript, offset: int, names: NameTable, catalogue: Catalogue) -> Hover | None:
    """What stands there; None where nothing needs to be said."""
    place = name_at(script, offset)
    if place is not None:
        return _of_name(place, names.at(place), catalogue)
    use = _phrase_at(script, offset)
    if use is not None and use.phrase is not None:
        return _of_phrase(script, use, use.phrase, catalogue)
    return _of_word(script, offset)


def name_at(script: ReadScript, offset: int) -> Occurrence | None:
    """The name that an offset is in, or just after."""
    touched = [one for one in script.occurrences if one.span.start <= offset <= one.span.end]
    return min(touched, key=lambda one: one.span.end - one.span.start, default=None)


def _phrase_at(script: ReadScript, offset: int) -> PhraseUse | None:
    for block in script.reading.parsed.script.blocks:
        if not block.span.start <= offset <= block.span.end:
            continue
        for node in walk(block):
            if isinstance(node, PhraseUse) and node.span.start <= offset <= node.span.end:
                return node
    return None


def _of_name(place: Occurrence, named: ProjectName, catalogue: Catalogue) -> Hover:
    kinds = {key_of(one.name): one for one in catalogue.slot_types.values()}
    kind = kinds.get(place.kind)
    noun = kind.name if kind is not None else place.kind
    declared = named.declared
    said = []
    if kind is not None:
        said.append(_sentence(kind.help))
    if declared is not None and declared.span != place.span:
        said.append(f"Déclaré dans {declared.file}.")
    others = tuple(one for one in named.places if one != place)
    said.append(_uses(place, others))
    return Hover(
        place.span, f"{noun[:1].upper()}{noun[1:]} {quoted(named.name)}", tuple(said), "", others
    )


def _uses(place: Occurrence, others: Sequence[Occurrence]) -> str:
    if not others:
        return "Ce nom n’est écrit nulle part ailleurs."
    files = dict.fromkeys(one.file for one in others)
    count = f"{len(others)} fois ailleurs" if len(others) > 1 else "une fois ailleurs"
    if list(files) == [place.file]:
        return f"Écrit {count} dans ce script."
    shown = ", ".join(list(files)[:4])
    more = len(files) - 4
    return f"Écrit {count} : {shown}{f' et {more} autres fichiers' if more > 0 else ''}."


def _of_phrase(script: ReadScript, use: PhraseUse, phrase: Phrase, catalogue: Catalogue) -> Hover:
    own = phrase.host if isinstance(phrase, Composed) else phrase
    said = [_sentence(phrase.help)]
    if isinstance(phrase, Composed):
        said.append(_sentence(phrase.event.help))
    line = next(
        (one for one in script.reading.lines if one.start <= use.span.start <= one.end), None
    )
    here = _HERE.get((phrase.kind, (line.keyword if line is not None else None) or ""))
    if here is not None:
        said.append(here)
    said.append(f"Extension : {catalogue.plugin_of(phrase)}")
    return Hover(use.span, catalogue.shown(own), tuple(said), phrase.example)


#: What a phrase asks or says, by the word its line begins with.
_HERE = {
    (Kind.EVENT, "WHEN"): "Ici : au moment où cela arrive.",
    (Kind.EVENT, "AS_SOON"): "Ici : dès que cela arrive, depuis le début de l’attente.",
    (Kind.EVENT, "WAIT_THAT"): "Ici : on attend que cela arrive, depuis le début de l’attente.",
    (Kind.EVENT, "IF"): "Ici : si cela est déjà arrivé.",
    (Kind.EVENT, "ELSIF"): "Ici : si cela est déjà arrivé.",
    (Kind.EVENT, "PLAY"): "Ici : ce que le scénario fait arriver, ou vérifie.",
    (Kind.EVENT, "LIST"): "Ici : ceux à qui cela est arrivé.",
    (Kind.STATE, "WHEN"): "Ici : au moment où cela devient vrai.",
    (Kind.STATE, "AS_SOON"): "Ici : dès que cela est vrai.",
    (Kind.STATE, "WAIT_THAT"): "Ici : on attend que cela soit vrai.",
    (Kind.STATE, "IF"): "Ici : si cela est vrai quand le lead arrive à cette ligne.",
    (Kind.STATE, "ELSIF"): "Ici : si cela est vrai quand le lead arrive à cette ligne.",
    (Kind.STATE, "LIST"): "Ici : ceux pour qui cela est vrai, à mesure.",
    (Kind.STATE, "PLAY"): "Ici : ce que le scénario vérifie.",
}


def _of_word(script: ReadScript, offset: int) -> Hover | None:
    for line in script.reading.lines:
        if line.start <= offset <= line.end and line.keyword in CONSTRUCTS and line.lexemes:
            row = CONSTRUCTS[line.keyword]
            last = line.lexemes[max(0, line.rest - 1)]
            first = line.lexemes[0]
            if row.forms and first.start <= offset <= last.end:
                said = (row.misplaced,) if row.misplaced else ()
                return Hover(Span(first.start, last.end), model(row), said)
    return None


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
