"""What is to be looked at again in one message before it leaves: what is wrong, doubtful, and well.

What its kind finds in its text is what `relance check` says. What only the page as it is read can tell
(a link that says nothing, an image without words, no way out) is looked for in that page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from relance.channel import Preview
from relance.french import NBSP, quoted
from relance.message_files import MessageFiles
from relance.nature import Nature
from relance.variable import Variable
from server.preview.messages import ProjectMessages

#: Bytes that Gmail shows of a page; the way out stands at its end.
CLIPPED = 102 * 1024
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class MessageCheck:
    """One finding. `kind`: « bad » keeps it from leaving, « warn » is doubtful, « good » is as it should.

    `line` counts from 1 in the text of its file, 0 where there is none to show.
    """

    kind: str
    words: str
    line: int = 0


def faults_of(messages: ProjectMessages, file: str) -> Sequence[MessageCheck]:
    """What keeps the message of that file from being one; nothing when it is sound."""
    kind = messages.kind(file)
    if not isinstance(kind, MessageFiles):
        return ()
    found = kind.faults(messages.alone(file))
    return [MessageCheck("bad", _sentence(one.message), one.line) for one in found]


def doubts_of(
    messages: ProjectMessages, file: str, fields: Sequence[str], variables: Sequence[Variable]
) -> Sequence[MessageCheck]:
    """What its author probably did not mean."""
    kind = messages.kind(file)
    if not isinstance(kind, MessageFiles):
        return ()
    found = kind.review(messages.alone(file), fields, variables)
    return [
        MessageCheck("warn", _sentence(one.message), one.line) for one in found if one.file == file
    ]


def checks_of(shown: Preview, nature: Nature) -> Iterator[MessageCheck]:
    """What the message as it is read tells of itself."""
    if not shown.html:
        if shown.size:
            yield MessageCheck("good", _sentence(shown.size))
        return
    page = _PageReading()
    page.feed(shown.html)
    page.close()
    for target in page.unnamed:
        yield MessageCheck(
            "warn",
            f"Un lien n’a pas de nom : {quoted(target[:_SHOWN])}. Qui écoute ne sait pas où il mène.",
        )
    if page.silent:
        images = "Une image" if page.silent == 1 else f"{page.silent} images"
        have = "n’a" if page.silent == 1 else "n’ont"
        yield MessageCheck(
            "warn", f"{images} {have} pas de mots : qui ne la voit pas n’en sait rien."
        )
    if shown.leave:
        yield MessageCheck("good", "On peut s’y désabonner.")
    elif nature is Nature.MARKETING:
        yield MessageCheck("bad", "Rien n’y permet de se désabonner.")
    weighs = len(shown.html.encode())
    kilobytes = f"{weighs / 1024:.0f}{NBSP}ko"
    if weighs <= CLIPPED:
        yield MessageCheck("good", f"Il pèse {kilobytes} : Gmail en montre jusqu’à 102.")


class _PageReading(HTMLParser):
    """The links of a page that say nothing, and how many of its images do."""

    def __init__(self) -> None:
        super().__init__()
        self.unnamed: list[str] = []
        self.silent = 0
        self._target: str | None = None
        self._named = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A link begins; an image may be what it says."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href") and "display:none" not in given.get("style", ""):
            self._target, self._named = given["href"], bool(given.get("aria-label"))
        elif tag == "img":
            self._named = self._named or bool(given.get("alt", "").strip())
            # An image that says it is there for the eye alone has its empty words.
            self.silent += "alt" not in given

    def handle_data(self, data: str) -> None:
        """Words, of the link where one is open."""
        self._named = self._named or bool(data.strip())

    def handle_endtag(self, tag: str) -> None:
        """A link ends."""
        if tag == "a" and self._target is not None:
            if not self._named:
                self.unnamed.append(self._target)
            self._target = None


def _sentence(words: str) -> str:
    text = f"{words[:1].upper()}{words[1:]}"
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def faulty(messages: ProjectMessages) -> frozenset[str]:
    """The files of those that could not leave as they are."""
    kinds = (one for one in messages.plugins.edited() if isinstance(one, MessageFiles))
    return frozenset(fault.file for kind in kinds for fault in kind.faults(messages.files))
