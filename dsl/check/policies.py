"""The policy of a project: « politique … fin », its lines, and what they make impossible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.check.closures import closed_week, longest
from dsl.check.elapsed import seconds_of
from dsl.check.findings import Findings
from dsl.check.names import KnownName, Names, Unknown
from dsl.diagnostics import Fix, RelatedPlace, Span
from dsl.help.wording import did_you_mean, listed
from dsl.language.fr import places
from dsl.language.fr.policies import ANY_CHANNEL, CHANNELS_MEANT, EXAMPLES, SaidTerm, read_term
from dsl.language.fr.policy_closures import SaidClosure
from dsl.language.fr.policy_words import Misread, Spelt
from dsl.language.fr.writing import duration as in_words
from dsl.policy import Cap, Closure, KnownChannel, Policy, QuietTime, Term, Validity
from dsl.tree import nodes
from relance.fold import key_of
from relance.french import WEEKDAYS, quoted
from relance.values import Duration


@dataclass(frozen=True, slots=True)
class CheckedTerm:
    """A line that could be read, and where it stands."""

    term: Term
    span: Span
    findings: Findings


@dataclass(slots=True)
class PolicyChecker:
    """The policy of a project; `channels` are those its lines may name, by label."""

    channels: Mapping[str, KnownChannel]
    terms: list[CheckedTerm] = field(default_factory=list)
    _block: tuple[nodes.PolicyBlock, Findings] | None = None

    @property
    def found(self) -> tuple[Policy, Findings] | None:
        """What it says, and the file that says it."""
        if self._block is None:
            return None
        terms = [one.term for one in self.terms]
        policy = Policy(
            tuple(one for one in terms if isinstance(one, Cap)),
            tuple(one for one in terms if isinstance(one, QuietTime)),
            tuple(one for one in terms if isinstance(one, Validity)),
        )
        return policy, self._block[1]

    @property
    def codes(self) -> Sequence[str]:
        """The channels there are."""
        return [one.code for one in self.channels.values()]

    def read(self, block: nodes.PolicyBlock, findings: Findings) -> None:
        """Take in the block: a project has one."""
        if self._block is not None:
            first, where = self._block
            findings.error(
                "R318",
                block.span,
                f"La politique du projet est déjà écrite dans {where.file}, ligne "
                f"{where.line(first.span)} : mettez-y ces lignes, et retirez ce bloc.",
            )
            return
        self._block = block, findings
        if not block.terms and findings.readable:
            findings.warn(
                "R328",
                block.span,
                f"Cette politique ne dit rien : ajoutez une ligne comme {quoted(EXAMPLES[0])}, ou "
                "retirez-la.",
            )
        for line in block.terms:
            read = self._term(line, findings)
            if read is not None:
                self.terms.append(CheckedTerm(read, line.span, findings))
        self._judge_validities()

    # --- One line ----------------------------------------------------------------------------

    def _term(self, line: nodes.PolicyTerm, findings: Findings) -> Term | None:
        read = read_term(line.text.text)
        if isinstance(read, Misread):
            _misread(read, line, findings)
            return None
        faults = findings.faults
        channels = self._channels(read.channels, line, findings)
        said = " ".join(line.text.text.split())
        found = _made(read, said, channels, list(_closures(read.closures, line, findings)))
        if findings.faults > faults:
            return None
        if isinstance(found, QuietTime) and not self._opens(found, line, findings):
            return None
        return found

    def _channels(
        self, written: Sequence[Spelt], line: nodes.PolicyTerm, findings: Findings
    ) -> tuple[str, ...]:
        """The codes of those named; none for « messages »."""
        found = [self._channel(one, line, findings) for one in written]
        known = [code for code in found if code is not None]
        return tuple(dict.fromkeys(known)) if len(known) == len(written) else ()

    def _channel(self, written: Spelt, line: nodes.PolicyTerm, findings: Findings) -> str | None:
        key = key_of(written.text)
        if key in ANY_CHANNEL:
            return None
        names = Names(self.channels)
        for one in (key, key.removesuffix("s")):
            meant = CHANNELS_MEANT.get(one, one)
            if isinstance(known := names.known(meant), KnownName):
                return self.channels[known.name].code
        missed = names.find(key.removesuffix("s"))
        near = missed.near if isinstance(missed, Unknown) else ()
        near = tuple(_agreeing(one, written.text) for one in near)
        span = _within(line, written.start, written.end)
        kinds = listed([*self.channels, "messages"])
        findings.error(
            "R432",
            span,
            f"{quoted(written.text)} n’est pas un canal.{did_you_mean(near)} Écrivez {kinds}, qui les "
            "dit tous.",
            tuple(Fix(span, one) for one in near),
        )
        return None

    # --- What lines make impossible ----------------------------------------------------------

    def _opens(self, quiet: QuietTime, line: nodes.PolicyTerm, findings: Findings) -> bool:
        """Whether an hour of the week is left to each channel."""
        for code in quiet.channels or self.codes:
            if longest(closed_week([*self._quiet(code), quiet])) is None:
                findings.error(
                    "R434",
                    line.span,
                    "Il ne reste aucune heure de la semaine où envoyer ces messages : ils attendraient "
                    "sans fin. Laissez-en une, ou retirez ce canal des campagnes.",
                )
                return False
        return True

    def _quiet(self, code: str) -> Iterator[QuietTime]:
        for one in self.terms:
            if isinstance(one.term, QuietTime) and one.term.concerns(code):
                yield one.term

    def _judge_validities(self) -> None:
        """Question a validity that some hours alone make certain to run out."""
        for one in self.terms:
            if not isinstance(one.term, Validity):
                continue
            for code in one.term.channels or self.codes:
                waits = [quiet for quiet in self._quiet(code) if not quiet.skip]
                if self._runs_out(one, one.term, waits):
                    break

    def _runs_out(self, where: CheckedTerm, validity: Validity, waits: Sequence[QuietTime]) -> bool:
        found = longest(closed_week(waits))
        if found is None or found.minutes * 60 < seconds_of(validity.lasts):
            return False
        first = f"le {WEEKDAYS[found.day]} à {found.hour}"
        held = in_words(Duration(seconds=found.minutes * 60))
        where.findings.warn(
            "R435",
            where.span,
            f"Un message décidé {first} attendrait {held} et n’est valable que "
            f"{in_words(validity.lasts)} : il expirerait sans être parti. Allongez sa validité, ou "
            "écrivez «\u00a0sauter\u00a0» à la ligne qui le retient.",
            notes=tuple(
                RelatedPlace(each.span, "il est retenu par cette ligne")
                for each in self.terms
                if each.term in waits and each.findings is where.findings
            )[:1],
        )
        return True


def _agreeing(label: str, written: str) -> str:
    """The label, plural where what was written in its place is."""
    plural = key_of(written).endswith("s") and label.islower() and not label.endswith("s")
    return f"{label}s" if plural else label


def _made(
    read: SaidTerm, said: str, channels: tuple[str, ...], closures: Sequence[Closure]
) -> Term:
    if read.most is not None and read.span is not None:
        return Cap(said, channels, read.every, read.skip, most=read.most, window=read.span)
    if read.span is not None:
        return Validity(said, channels, read.every, lasts=read.span)
    return QuietTime(said, channels, read.every, read.skip, closures=tuple(closures))


def _closures(
    said: Sequence[SaidClosure], line: nodes.PolicyTerm, findings: Findings
) -> Iterator[Closure]:
    for one in said:
        hours = (one.starts, one.ends)
        if not one.places:
            yield Closure(one.weekdays, None, one.day, one.yearly, *hours)
        for named in one.places:
            code = places.place(named.text)
            if code is None:
                _unknown_place(named, line, findings)
            else:
                yield Closure((), code, None, None, *hours)


def _unknown_place(named: Spelt, line: nodes.PolicyTerm, findings: Findings) -> None:
    near = places.near(named.text)
    span = _within(line, named.start, named.end)
    findings.error(
        "R433",
        span,
        f"Les jours fériés de {quoted(named.text)} ne sont pas connus.{did_you_mean(near)} Écrivez un pays "
        "(«\u00a0France\u00a0», «\u00a0FR\u00a0»), ou une province, un canton, un État («\u00a0Québec\u00a0», «\u00a0CA-QC\u00a0»).",
        tuple(Fix(span, one) for one in near),
    )


def _misread(read: Misread, line: nodes.PolicyTerm, findings: Findings) -> None:
    reason = read.reason[:1].upper() + read.reason[1:]
    instead = listed(EXAMPLES) if read.instead is None else quoted(read.instead)
    where = _within(line, read.start, read.end) if read.end > read.start else line.span
    findings.error("R431", where, f"{reason}. Écrivez par exemple {instead}.")


def _within(line: nodes.PolicyTerm, start: int, end: int) -> Span:
    begins = line.text.span.start
    return Span(begins + start, begins + end)
