"""Signs that mean nothing where they stand: what their author most likely meant by them."""

import re

from dsl.diagnostics import Fix, Span

#: Quotation marks of other languages, and of program code.
_QUOTED = re.compile(r"(['‘’‚„‹`´]|<<)\s*([^'‘’“”›`´<>()«»\"]+?)\s*(?:['‘’“”›`´]|>>)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*\w$|[\w.+-]+@[\w.-]*\w(?=[\s,;)][^@]*$)")
_PATH = re.compile(r"/[^\s()«»\"]*")


def unexpected(source: str, sign: Span, end: int) -> tuple[str, tuple[Fix, ...]]:
    """What to say of a sign that cannot stand there, and what to write instead."""
    written = source[sign.start : sign.end]
    if held := _QUOTED.match(source, sign.start, end):
        span = Span(held.start(), held.end())
        fix = f"({held[2]})"
        message = f"Une valeur se met entre parenthèses ou entre « ». Écrivez plutôt {fix}."
        return message, (Fix(span, fix),)
    if written == "/" and (path := _PATH.match(source, sign.start, end)):
        fix = f"({path[0]})"
        message = f"Une adresse se met entre parenthèses. Écrivez plutôt {fix}."
        return message, (Fix(Span(path.start(), path.end()), fix),)
    if written == "@" and (address := _ADDRESS.search(source[:end])):
        begin, stop = address.start(), address.end()
        if begin < sign.start < stop:
            fix = f"({address[0]})"
            message = f"Une adresse se met entre parenthèses. Écrivez plutôt {fix}."
            return message, (Fix(Span(begin, stop), fix),)
    if written in ")»”":
        opener = {")": "(", "»": "«", "”": "“"}[written]
        return f"Ce « {written} » ne ferme rien : il manque « {opener} » avant la valeur.", ()
    return f"Le signe « {written} » n’a pas sa place ici.", ()
