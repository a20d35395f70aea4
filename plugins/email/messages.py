"""The messages of a project: every `.md` file of its `courriels` folders, by name."""

from pathlib import Path

from plugins.email.template import Template, link_names, read
from plugins.kit.texts.collection import Collection

FOLDER = "courriels"


class Messages(Collection[Template]):
    """The messages in a folder, and their links."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, FOLDER, ".md", read)

    def references(self) -> dict[str, list[str]]:
        """Names of messages and of their links, for the checker."""
        reads = self.all()
        templates: list[Template] = [one.template for one in reads if one.template is not None]
        links = {name: None for template in templates for name in link_names(template)}
        return {"courriel": [one.name for one in reads], "lien": list(links)}


def head(subject: str) -> str:
    """What stands before the text of a mail that a script writes: its subject is its name."""
    return f'---\nnom: "{subject}"\nobjet: "{subject}"\n---\n'
