"""Two folders for one base: the second to publish sees what the first did, and takes nothing back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import UNTRIED

Relance = Callable[..., object]


@pytest.fixture
def folders(project: Path, tmp_path: Path) -> tuple[Path, Path]:
    base = f"sqlite:///{tmp_path}/commune.db"
    said = f'publication = "sur demande"\nport = 0\nbase = "{base}"\n'
    (project / "relance.toml").write_text(said, encoding="utf-8")
    (project / "tarifs.relance").write_text(UNTRIED, encoding="utf-8")
    return project, tmp_path / "autre"


def test_the_second_to_publish_sees_both_texts_and_nothing_is_overwritten(
    relance: Relance, folders: tuple[Path, Path]
) -> None:
    mine, other = folders
    assert relance("publier", mine).code == 0
    shutil.copytree(mine, other)
    script = "tarifs.relance"
    (other / script).write_text(UNTRIED.replace("3 jours", "2 jours"), "utf-8")
    assert relance("publier", other).code == 0
    (mine / script).write_text(UNTRIED.replace("3 jours", "5 jours"), "utf-8")
    for option in ((), ("--essai",)):
        refused = relance("publier", mine, *option)
        assert refused.code == 1
        assert "La publication n° 2" in refused.err
        assert "-  attendre au plus 2 jours" in refused.err
        assert "+  attendre au plus 5 jours" in refused.err
        assert "--sur 2" in refused.err
    done = relance("publier", mine, "--sur", "2")
    assert (done.code, "Publication n° 3" in done.out) == (0, True)
    assert relance("publier", mine).code == 0, "seen once, it is known"


def test_what_the_other_changed_and_this_folder_has_as_well_is_no_conflict(
    relance: Relance, folders: tuple[Path, Path]
) -> None:
    mine, other = folders
    relance("publier", mine)
    shutil.copytree(mine, other)
    changed = UNTRIED.replace("3 jours", "2 jours")
    (other / "tarifs.relance").write_text(changed, "utf-8")
    relance("publier", other)
    (mine / "tarifs.relance").write_text(changed, "utf-8")
    mail = mine / "courriels" / "tarifs.md"
    mail.write_text(mail.read_text("utf-8") + "\nÀ bientôt.\n", "utf-8")
    done = relance("publier", mine)
    assert (done.code, "Publication n° 3" in done.out) == (0, True), done
