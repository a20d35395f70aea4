"""What may be a name: something to know it by once case, accents and signs are set aside."""

from dsl.check.findings import Findings
from dsl.tree.nodes import Text
from relance.fold import key_of, names_something
from relance.french import quoted

LONGEST = 120
#: A field becomes a column of the database.
LONGEST_FIELD = 60


def well_named(name: Text, findings: Findings, longest: int = LONGEST) -> bool:
    """Whether `name` will do; if not, that is reported."""
    key = key_of(name.text)
    sayable = names_something(name.text)
    if sayable and len(name.text) <= longest and len(key) <= longest:
        return True
    if not name.text.strip():
        message = "Il manque un nom ici."
    elif not sayable:
        message = f"{quoted(name.text)} ne suffit pas\u00a0: un nom compte au moins une lettre, un chiffre ou un symbole."
    else:
        message = f"Ce nom est trop long\u00a0: {longest} caractères au plus."
    findings.error("R325", name.span, message)
    return False
