"""What the activities that correct names mean, for the test of every meaning."""

from typing import Any

from relance.effects import Rewrite

MEANINGS: dict[str, list[tuple[str, Any]]] = {
    "leads.correct_capitals": [
        (
            "Correction des majuscules",
            (
                Rewrite("prénom", "leads.first_name_capitals"),
                Rewrite("nom", "leads.last_name_capitals"),
                Rewrite("ville", "leads.place_capitals"),
            ),
        )
    ],
    "leads.correct_names": [
        (
            "Correction des noms",
            (
                Rewrite("prénom", "leads.first_name_capitals"),
                Rewrite("nom", "leads.last_name_capitals"),
            ),
        )
    ],
    "leads.correct_spaces": [
        (
            "Correction des espaces",
            tuple(Rewrite(field, "leads.spaces") for field in ("prénom", "nom", "ville")),
        )
    ],
}
