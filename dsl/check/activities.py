"""Activities: what the phrases that stand alone on their line do, or how long they rest."""

from dsl.check.conditions import Conditions
from dsl.check.types import Types
from dsl.diagnostics import Span
from dsl.identity import identity
from dsl.tree.nodes import PhraseUse
from relance.effects import AddToList, Effect, EnterCampaign, RemoveFromList, Send
from relance.fold import key_of
from relance.french import quoted
from relance.phrase import Kind
from relance.waits import Wait, WaitUpTo


class Activities:
    """Asks the activities and waits of one campaign what they mean, and notes what they send."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._meanings = conditions.meanings
        self._findings = conditions.findings
        #: Messages sent, by slot type and name; campaigns leads are sent into.
        self.sent: set[tuple[str, str]] = set()
        self.enters: set[str] = set()
        #: Each place that sends leads into a campaign, and its name.
        self.requests: list[tuple[str, Span]] = []

    def of(self, use: PhraseUse) -> tuple[Effect, ...] | Wait:
        """The effects of a phrase, or its wait; no effect when it cannot be known."""
        found = self._meanings.of(use, (Kind.ACTIVITY, Kind.WAIT), self._findings)
        if found is None:
            return ()
        if use.qualifiers:
            self._findings.error(
                "R315",
                use.qualifiers[0].span,
                "Une activité se fait, elle n’a pas de passé\u00a0: ôtez cette précision.",
            )
        meaning = found[0]
        if isinstance(meaning, tuple):
            return self._effects(meaning, use)
        return self._wait(meaning, use)  # type: ignore[arg-type]

    def _wait(self, wait: Wait, use: PhraseUse) -> Wait:
        Types(self._meanings.fields, self._findings, use).wait(wait)
        if isinstance(wait, WaitUpTo) and not wait.salt:
            drawn = identity(self._conditions.sayings.phrase(use))
            return WaitUpTo(wait.duration, self._conditions.scope.salts.next(drawn))
        return wait

    def _effects(self, effects: tuple[Effect, ...], use: PhraseUse) -> tuple[Effect, ...]:
        for effect in effects:
            if isinstance(effect, AddToList | RemoveFromList):
                self._static(effect.name, use)
            elif isinstance(effect, EnterCampaign):
                self.enters.add(effect.campaign)
                self.requests.append((effect.campaign, use.span))
            elif isinstance(effect, Send):
                self._sends(effect, use)
        types = Types(self._meanings.fields, self._findings, use)
        return tuple(types.effect(effect) for effect in effects)

    def _sends(self, effect: Send, use: PhraseUse) -> None:
        if use.phrase is None:
            return
        kinds = self._meanings.lexicon.slots(use.phrase)
        self.sent.update(
            (key_of(kinds[slot].name), effect.message)
            for slot, text in use.slots
            if kinds[slot].closed and key_of(text.text) == key_of(effect.message)
        )

    def _static(self, name: str, use: PhraseUse) -> None:
        if name in self._conditions.lists:
            self._findings.error(
                "R320",
                use.span,
                f"La liste {quoted(name)} est dynamique : ses membres sont ceux qui remplissent sa "
                "condition, personne ne s’y ajoute ni ne s’en retire. Choisissez une autre liste.",
            )
