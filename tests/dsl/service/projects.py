"""The library of campaigns as a language service holds it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dsl.service.language_service import EditingDesk, LanguageService
from relance.project_files import ProjectFiles
from server import setup
from server.plugins import Plugins, load_plugins
from server.publication.on_disk import on_disk
from server.settings import load_settings

RULES = Path(__file__).parents[3] / "rules"


@cache
def library() -> LanguageService:
    """The scripts of `rules/`, what they may name, and its messages."""
    contents = on_disk(RULES).contents
    return service_of({n: text.decode() for n, text in contents.items() if _text(n)})


def service_of(texts: Mapping[str, str]) -> LanguageService:
    """A project of these files."""
    files = ProjectFiles.of(texts)
    references = _plugins().references(files, setup.setup_of(load_settings(RULES), files))
    scripts = {name: text for name, text in texts.items() if name.endswith(".relance")}
    beside = {name: text for name, text in texts.items() if name not in scripts}
    return LanguageService(_desk(), scripts, references, beside)


@cache
def _plugins() -> Plugins:
    return load_plugins()


@cache
def _desk() -> EditingDesk:
    return EditingDesk(_plugins().catalogue)


def french(text: str) -> str:
    """The same with the spaces of « », which nobody types."""
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def _text(name: str) -> bool:
    return name.endswith((".relance", ".md", ".txt"))
