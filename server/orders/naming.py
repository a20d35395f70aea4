"""What the team may call what it makes: a list, a tag, a binder."""

from dsl.check.naming import LONGEST
from relance.fold import key_of, names_something
from server.orders.declined import Declined


def well_named(name: str, argument: str) -> str:
    """The name of a list or of a tag, as scripts may write it. `Declined` for what is none."""
    name = " ".join(name.split())
    if not names_something(name):
        why = "Il faut un nom : au moins une lettre, un chiffre ou un symbole."
        raise Declined(why, about=argument)
    if len(name) > LONGEST or len(key_of(name)) > LONGEST:
        raise Declined(f"Ce nom est trop long : {LONGEST} caractères au plus.", about=argument)
    if not name.isprintable():
        raise Declined("Ce nom tient des signes qui ne s’écrivent pas.", about=argument)
    if set(name) & set("()«»"):
        why = "Un script ne pourrait pas le dire : ôtez-en parenthèses et guillemets."
        raise Declined(why, about=argument)
    return name
