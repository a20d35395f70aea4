"""What the language says by itself, in French: conditions joined, statements, qualifiers."""

from collections.abc import Mapping
from typing import Final

from dsl.language.fr.constructs import form
from dsl.language.fr.outcomes import OUTCOMES
from dsl.language.fr.pieces import EXITED, MEASURES
from relance.french import quoted

#: What opens a line before its condition.
OPENING: Final = {"if": "IF", "else_if": "ELSIF", "as_soon": "AS_SOON", "when": "WHEN"}
AND, OR = f" {form('AND')} ", f" {form('OR')} "
JOINS: Final = {"all": AND, "any": OR}
#: « chaque jour », when no other day is named.
EVERY_DAY: Final = "jour"


def denied(condition: str) -> str:
    """« non … »."""
    return f"{form('NOT')} {condition}"


def at_step(name: str) -> str:
    """« à l’étape « Accueil » »."""
    return f"à l’étape {quoted(name)}"


def every(day: str | None, at: str | None) -> str:
    """« chaque jour à 9 h »."""
    return f"chaque {day or EVERY_DAY}" + (f" à {at}" if at else "")


def sentence(what: str, text: Mapping[str, str], held: str) -> str | None:
    """What is said by that name; `text`: its values as written, `held`: what it asks. None for what
    the language does not know."""
    limit = f"au plus {text['limit']}" if "limit" in text else ""
    bound = f", {text['times']} fois au plus" if "times" in text else ""
    match what:
        case "not":
            return denied(held)
        case "excluding":
            return f"{form('EXCLUSION')}\u00a0: {held}"
        case "suppressing":
            return f"{form('SUPPRESSION')}\u00a0: {held}"
        case "wait":
            return f"{form('WAIT')} {limit}".rstrip()
        case "wait_that":
            awaited = f"{form('WAIT_THAT')} {held}"
            return f"{awaited}, {limit}" if limit else awaited
        case "holdout":
            return f"{text['name']} {text['part']}"
        case "order_end":
            return "le bout du parcours"
        case "step":
            return f"{form('STEP')} {quoted(text['name'])}"
        case "go":
            return f"{form('GOTO')} {quoted(text['step'])}{bound}"
        case "repeat":
            return f"{form('REPEAT')}{bound.removeprefix(',')}"
        case "quit":
            way = OUTCOMES.get(text["outcome"])
            return f"{form('QUIT')} ({way})" if way else form("QUIT")
        case "split":
            return f"{form('SPLIT')} {quoted(text['name'])}" if text else form("SPLIT")
        case "at_step":
            return at_step(text["step"])
        case "exited":
            of = f" de la campagne ({text['campaign']})" if "campaign" in text else ""
            return f"{EXITED[text['how']][0]}{of}"
        case "reached":
            of = f" de la campagne ({text['campaign']})" if "campaign" in text else ""
            return f"objectif {quoted(text['goal'])} atteint{of}"
        case "measure":
            return MEASURES[text["how"]][0]
        case "every":
            return every(text.get("day"), text["at"])
    return None


def qualifier(what: str, text: Mapping[str, str]) -> str | None:
    """How an event is narrowed by that; None for what narrows none."""
    match what:
        case "entry":
            return "depuis l’entrée"
        case "step":
            return f"depuis l’étape {quoted(text['value'])}"
        case "since":
            return f"depuis le {text['value']}"
        case "last_days":
            return f"dans les {text['value']} derniers jours"
        case "times":
            return f"au moins {text['value']} fois"
        case "where":
            return f"où ({text['property']}) {text['comparator']} ({text['value']})"
    return None
