"""Practice: conditions that hold together but seldom mean what their author hopes."""

from collections.abc import Collection, Iterable

from dsl.check.contradictions import contradictory
from dsl.check.findings import Findings
from dsl.check.scope import AskedEvent, Setting
from dsl.diagnostics import Fix, Span
from dsl.language.fr.sayings import qualifier
from dsl.tree import nodes
from relance.facts import Condition
from relance.french import quoted


def judge(written: nodes.Condition, condition: Condition, findings: Findings) -> None:
    """Question one condition by itself."""
    if contradictory(condition):
        findings.error(
            "R409",
            written.span,
            "Personne ne peut remplir cette condition : elle demande une chose et son contraire. "
            "Vérifiez les bornes, ou écrivez « ou » au lieu de « et ».",
        )
    if weak(written):
        findings.warn(
            "R502",
            written.span,
            "Cette condition ne repose que sur des ouvertures : beaucoup de messageries ouvrent les "
            "courriels toutes seules, d’autres jamais. Un clic est une preuve plus sûre.",
        )


def weak(written: nodes.Condition) -> bool:
    """Whether a condition rests on weak evidence alone."""
    if isinstance(written, nodes.PhraseUse):
        return written.phrase is not None and written.phrase.weak
    if isinstance(written, nodes.Negation):
        return weak(written.item)
    if isinstance(written, nodes.Conjunction | nodes.Disjunction):
        return bool(written.items) and all(weak(item) for item in written.items)
    return False


def judge_never_sent(
    asked: Iterable[AskedEvent],
    sent: Collection[tuple[str, str]],
    kinds: Collection[str],
    findings: Findings,
) -> None:
    """Question what is asked about messages no script of the project sends."""
    for one in asked:
        for kind, name in one.names:
            if kind in kinds and name != "*" and (kind, name) not in sent:
                findings.warn(
                    "R408",
                    one.span,
                    f"Aucun script n’envoie {quoted(name)} : cette phrase ne sera jamais vraie. "
                    "Ajoutez l’envoi, ou corrigez le nom.",
                )


def judge_own_messages(
    asked: Iterable[AskedEvent], sent: Collection[tuple[str, str]], findings: Findings
) -> None:
    """Question what a campaign one may enter again asks about its own messages of earlier times."""
    for one in asked:
        if one.setting is not Setting.DECISION or one.narrowed:
            continue
        name = next((name for kind, name in one.names if (kind, name) in sent), None)
        if name is not None:
            end = Span(one.span.end, one.span.end)
            findings.warn(
                "R501",
                one.span,
                f"Un lead peut revenir dans cette campagne : {quoted(name)} d’un passage précédent "
                "compterait encore. Ajoutez « depuis l’entrée ».",
                (Fix(end, f" {qualifier('entry', {})}", compared=True),),
            )
