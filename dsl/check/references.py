"""References: what a script may name, closed (the project has it) or open (the world makes it)."""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeAlias
from unicodedata import normalize

from dsl.check.findings import Findings
from dsl.check.lexicon import CAMPAIGN, GOAL, INDICATOR, STEP
from dsl.check.names import Ambiguous, KnownName, Names
from dsl.diagnostics import Fix, Span
from dsl.help.fidelity import same_name
from dsl.help.wording import did_you_mean, listed
from dsl.language.fr.agreement import of
from dsl.tree.nodes import Text
from relance.fold import TYPOGRAPHY, key_of
from relance.french import quoted
from relance.indicator import Indicator
from relance.slot import SlotType

#: The names a project has of one type, perhaps with what each stands for.
Offered: TypeAlias = Sequence[str] | Mapping[str, object]
#: An open name where it is written, and the findings of its file.
OpenUse: TypeAlias = tuple[Text, Findings]

_CODES = {STEP: "R304", CAMPAIGN: "R305"}
_NEAR = 0.86
_WORDS = re.compile(r"[\s_-]+")
#: « Rendez-vous », « rendez vous »: a slip, when « A-2 » and « A 2 » are two things.
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-_](?=[^\W\d_])")
#: What to do when there is no such name at all.
_WITHOUT = {"R304": " Une étape se nomme sur sa propre ligne, comme « étape « Accueil » »."}


class References:
    """Every name of a project, by slot type."""

    def __init__(self, offered: Mapping[str, Offered]) -> None:
        self._closed: dict[str, Names] = {
            key_of(kind): Names(names) for kind, names in offered.items()
        }
        self._offered = {kind: tuple(names) for kind, names in self._closed.items()}
        #: The uses of open names, by type.
        self.used: dict[str, list[OpenUse]] = {}
        #: The present name of each campaign that had another, by the key of that one.
        self.renamed: Mapping[str, str] = {}
        self._things = {
            key_of(kind): things for kind, things in offered.items() if isinstance(things, Mapping)
        }

    def thing(self, slot: SlotType, value: object) -> object:
        """What a phrase is handed for a name: what its plugin says it stands for, else the name."""
        things = self._things.get(key_of(slot.name), {})
        return things.get(value, value) if isinstance(value, str) else value

    def declare(self, kind: str, name: str) -> None:
        """A name the scripts themselves bring (a campaign, a step)."""
        self._closed.setdefault(kind, Names()).add(name)

    def offer(self, kind: str, name: str) -> None:
        """An open name the scripts themselves bring (the topic of an « intérêt » block)."""
        self._offered[kind] = (*self._offered.get(kind, ()), name)

    def closed(self, slot: SlotType, text: Text, findings: Findings) -> str | None:
        """The name a closed reference means, as declared; what is wrong is reported."""
        kind = key_of(slot.name)
        return self.among(
            self._closed.get(kind, Names()), slot.name, text, findings, _CODES.get(kind, "R301")
        )

    def known(self, kind: str, text: str) -> str:
        """The name that `text` means among those of a closed type, as declared; else itself."""
        found = self._closed[kind].known(text) if kind in self._closed else None
        return found.name if isinstance(found, KnownName) else text

    def step(self, text: Text, findings: Findings) -> str | None:
        """The step meant, of any campaign of the project."""
        return self.among(self._closed.get(STEP, Names()), "étape", text, findings, "R304")

    def campaign(self, text: Text, findings: Findings) -> str | None:
        """The campaign meant."""
        return self.among(self._closed.get(CAMPAIGN, Names()), "campagne", text, findings, "R305")

    def goal(self, text: Text, findings: Findings) -> str | None:
        """The goal meant, of any campaign of the project."""
        return self.among(self._closed.get(GOAL, Names()), "objectif", text, findings, "R454")

    def indicator(self, text: Text, findings: Findings) -> Indicator | None:
        """The indicator meant, of those that plugins count."""
        name = self.among(
            self._closed.get(INDICATOR, Names()), "indicateur", text, findings, "R455"
        )
        found = self._things.get(INDICATOR, {}).get(name) if name is not None else None
        return found if isinstance(found, Indicator) else None

    def among(
        self, names: Names, noun: str, text: Text, findings: Findings, code: str
    ) -> str | None:
        """The name of `names` meant by `text`; what is wrong is reported."""
        found = names.find(text.text.strip())
        if isinstance(found, KnownName):
            return found.name
        if isinstance(found, Ambiguous):
            findings.error(
                "R302",
                text.span,
                f"{quoted(text.text)} peut désigner {listed(found.names)}. Écrivez le nom exact.",
                _put(text.span, found.names, compared=True),
            )
            return None
        now = self.renamed.get(key_of(text.text)) if code == _CODES[CAMPAIGN] else None
        if now is not None:
            findings.error(
                code,
                text.span,
                f"La campagne {quoted(text.text)} s’appelle désormais {quoted(now)}.",
                _put(text.span, [now], compared=True),
            )
            return None
        findings.error(
            code,
            text.span,
            f"Aucun nom {of(noun)} ne correspond à {quoted(text.text)}."
            f"{did_you_mean(found.near) or _all(names) or _WITHOUT.get(code, '')}",
            _put(text.span, found.near),
        )
        return None

    def open(self, slot: SlotType, text: Text, findings: Findings) -> None:
        """Note the use of an open reference, judged by `judge_open` once all are known."""
        self.used.setdefault(key_of(slot.name), []).append((text, findings))

    def judge_open(self, only: Container[str] | None = None) -> None:
        """Question the open names that stand near a better known one.

        `only`: the files of which that is asked; None: all of them.
        """
        for kind, noted in self.used.items():
            # Whoever was looked into first, the same name is the better known.
            uses = sorted(noted, key=lambda one: (one[1].file, one[0].span))
            offered = {key_of(name): name for name in self._offered.get(kind, ())}
            asked = [one for one in uses if only is None or one[1].file in only]
            if not asked:
                continue
            looked_at = {key_of(text.text) for text, _ in asked}
            meant = _slips([key_of(text.text) for text, _ in uses], offered, looked_at)
            written = {key_of(text.text): text.text for text, _ in reversed(uses)}
            self._one_name(asked, uses, offered)
            for text, findings in asked:
                near = meant.get(key_of(text.text))
                if near is not None:
                    known = offered.get(near) or written[near]
                    findings.warn(
                        "R306",
                        text.span,
                        f"{quoted(text.text)} n’est connu nulle part ailleurs, mais ressemble à "
                        f"{quoted(known)}. Est-ce bien le nom voulu ?",
                        _put(text.span, [known]),
                    )

    def _one_name(
        self, asked: Sequence[OpenUse], uses: Sequence[OpenUse], offered: Mapping[str, str]
    ) -> None:
        """Question names that are one though they are written as two words (« cote », « côté »)."""
        written: dict[str, Counter[str]] = {key_of(text.text): Counter() for text, _ in asked}
        for text, _ in uses:
            if (spelt := written.get(key_of(text.text))) is not None:
                spelt[text.text.strip()] += 1
        for text, findings in asked:
            key = key_of(text.text)
            usual = offered.get(key) or written[key].most_common(1)[0][0]
            if _letters(text.text) != _letters(usual):
                findings.warn(
                    "R329",
                    text.span,
                    f"{quoted(text.text)} et {quoted(usual)} se lisent comme un seul nom : écrivez-les "
                    "de même, ou distinguez-les autrement que par des accents.",
                    _put(text.span, [usual]),
                )


def _letters(text: str) -> str:
    """A name as it is written, its capitals and typography aside."""
    return " ".join(normalize("NFKC", text).translate(TYPOGRAPHY).casefold().split())


def _slips(
    keys: Sequence[str], offered: Mapping[str, str], looked_at: Collection[str]
) -> dict[str, str]:
    """Which of the keys looked at seem a slip for a better known one, and that one.

    Keys one letter apart share a form with one letter less: an index of those forms spares
    comparing each key with every other.
    """
    counts = Counter(keys)
    forms: dict[str, list[str]] = {}
    for key in {**offered, **counts}:
        for form in _shortened(key):
            forms.setdefault(form, []).append(key)
    found: dict[str, str] = {}
    for key in looked_at:
        for other in dict.fromkeys(one for form in _shortened(key) for one in forms[form]):
            better = other in offered or counts[other] > counts[key]
            if key not in offered and other != key and better and _near(key, other):
                found.setdefault(key, other)
    return found


@lru_cache(maxsize=8_192)
def _shortened(key: str) -> tuple[str, ...]:
    return (key, *(key[:at] + key[at + 1 :] for at in range(len(key))))


def _near(one: str, other: str) -> bool:
    """Whether two keys differ by what looks like a slip, not by a number or a letter on purpose."""
    if "*" in one + other or abs(len(one) - len(other)) > 2:
        return False
    apart = set(_WORDS.split(one)) ^ set(_WORDS.split(other))
    if any(len(word) < 3 or word.isdigit() for word in apart):
        return False
    if not same_name(_HYPHEN.sub(" ", one), _HYPHEN.sub(" ", other)):
        return False
    return SequenceMatcher(None, one, other).ratio() >= _NEAR


def _put(span: Span, names: Iterable[str], *, compared: bool = False) -> tuple[Fix, ...]:
    return tuple(Fix(span, name, compared) for name in names)


def _all(names: Names) -> str:
    known = tuple(names)
    return f" Sont connus : {listed(known, 'et')}." if 0 < len(known) <= 6 else ""
