"""The messages of what runs are found while thousands of a draft are read."""

from threading import Event, Thread

from relance.project_files import ProjectFiles
from relance.templates.collection import Collection, Read

LONG = "à lire longtemps"


def test_who_sends_does_not_wait_for_who_reads_a_draft() -> None:
    begun, let = Event(), Event()

    def read(text: str, name: str, _file: str) -> Read[str]:
        if text == LONG:
            begun.set()
            let.wait(20)
        return Read(name, text, ())

    kind = Collection("courriels", ".md", read, "le courriel", 1_000, slot="message")
    running, draft = (ProjectFiles.of({"courriels/a.md": text}) for text in ("court", LONG))
    assert kind.of(running).find("a") is not None
    found: list[str | None] = []

    def look(files: ProjectFiles) -> None:
        one = kind.of(files).find("A")
        found.append(one.template if one is not None else None)

    reading, sending = (Thread(target=look, args=(files,)) for files in (draft, running))
    reading.start()
    assert begun.wait(10)
    sending.start()
    sending.join(10)
    met = list(found)
    let.set()
    reading.join(10)
    assert (met, found) == (["court"], ["court", LONG])
