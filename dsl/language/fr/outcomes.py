"""How a campaign may be left, in the words of « sortir », and what is written for them."""

from typing import Final

#: What a « sortir » may be told to be, or be written like, as keys → what it says.
OUTCOMES: Final = {
    **dict.fromkeys(("reussite", "succes", "reussi", "reussie"), "réussite"),
    **dict.fromkeys(("echec", "echoue", "echouee"), "échec"),
}
