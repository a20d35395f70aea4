"""Every diagnostic code, with its title. Append only: a code, once published, keeps its meaning.

R1xx syntax, R2xx phrases and values, R3xx references, R4xx flow, R5xx weak practice.
Each code owes a golden file in `tests/dsl/golden/` and a page in `docs/diagnostics/`.
"""

from typing import Final

CODES: Final[dict[str, str]] = {
    "R101": "Fichier trop gros",
    "R102": "Ligne trop longue",
    "R103": "Blocs trop imbriqués",
    "R104": "Parenthèse ou guillemet jamais fermé",
    "R105": "Signe inattendu",
    "R106": "« fin » manquant",
    "R107": "« fin » en trop",
    "R108": "« fin » qui ne correspond pas",
    "R109": "Ligne mal placée",
    "R110": "Ligne incomplète ou mal formée",
    "R111": "Mots en trop",
    "R112": "« et » et « ou » mêlés",
    "R113": "En-tête inconnu",
    "R114": "Crochet mal apparié",
    "R115": "Nom sans guillemets",
    "R116": "Mot du langage mal écrit",
    "R201": "Phrase inconnue",
    "R202": "Parenthèses manquantes autour d’une valeur",
    "R203": "Phrase d’une extension qui n’est pas activée",
    # R3xx references, R4xx flow, R5xx weak practice: appended by the checker below.
}
