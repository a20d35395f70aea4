"""The script of a campaign is found again where it was, and wherever it went."""

from pathlib import Path

import pytest

from server.web.campaign import draft_script as found
from server.web.campaign.draft_script import draft_script


def write(folder: Path, name: str, *campaigns: str, former: str = "") -> None:
    once = f"  anciennement : « {former} »\n" if former else ""
    text = "".join(f"campagne « {one} »\n{once}fin\n" for one in campaigns)
    (folder / name).write_text(text, encoding="utf-8")


def file_of(folder: Path, campaign: str) -> str | None:
    script = draft_script(folder, campaign)
    return None if script is None else script.file


def test_the_script_of_a_campaign_is_found_without_looking_at_thousands_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.relance", "Accueil", "Rappel")
    write(tmp_path, "b.relance", "Bilan")
    assert file_of(tmp_path, "BILAN") == "b.relance"
    with monkeypatch.context() as patched:
        patched.setattr(found, "scripts", lambda _: pytest.fail("all were looked at"))
        script = draft_script(tmp_path, "rappel")
        assert script is not None
        assert (script.file, script.line, script.others) == ("a.relance", 3, ((1, "Accueil"),))
        assert file_of(tmp_path, "Bilan") == "b.relance"
    write(tmp_path, "b.relance", "Autre", former="Bilan")
    assert file_of(tmp_path, "Bilan") == "b.relance", "by the name it once had"
    write(tmp_path, "c.relance", "Bilan")
    assert file_of(tmp_path, "Bilan") == "c.relance"
    (tmp_path / "c.relance").unlink()
    (tmp_path / "b.relance").unlink()
    assert file_of(tmp_path, "Bilan") is None
