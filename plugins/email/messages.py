"""The messages of a project: every `.md` file of its `courriels` folders, by name."""

from plugins.email.template import MAX_BYTES, link_names, parse
from plugins.kit.texts.collection import Collection
from relance.project_files import ProjectFiles

FOLDER = "courriels"
MESSAGES = Collection(FOLDER, ".md", parse, "le courriel", MAX_BYTES)


def references(files: ProjectFiles) -> dict[str, list[str]]:
    """Names of a project's messages and of their links, for the checker."""
    messages = MESSAGES.of(files)
    templates = [one.template for one in messages if one.template is not None]
    links = dict.fromkeys(name for template in templates for name in link_names(template))
    return {"courriel": [*messages.names], "lien": list(links)}


def head(subject: str) -> str:
    """What stands before the text of a mail that a script writes: its subject is its name."""
    return f'---\nnom: "{subject}"\nobjet: "{subject}"\n---\n'
