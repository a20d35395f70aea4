"""A message says above its text that it is of service; whoever asks is told by channel and name."""

import pytest

from plugins.push.messages import MESSAGES as NOTIFICATIONS
from plugins.sms.messages import MESSAGES as TEXTS
from relance.nature import Nature
from relance.project_files import ProjectFiles
from relance.templates.collection import Collection
from server.plugins import load_plugins

FILES = {
    "courriels/recu.md": "---\nnature : Service\nobjet: Reçu\nnom: Votre reçu\n---\nMerci.",
    "courriels/offre.md": "---\nobjet: Offre\n---\nnature: service",
    "sms/Code.txt": "---\nnature: service\n---\nVotre code",
    "sms/Promo.txt": "---\nnom: Promo d’été\nnature: marketing\n---\nMoins vingt !",
    "notifications/Envoi.txt": "---\nnom: Colis\nnature: service\n---\nColis\nIl arrive.",
}


@pytest.mark.parametrize(
    ("channel", "message", "nature"),
    [
        ("email", "votre REÇU", Nature.SERVICE),
        ("email", "offre", Nature.MARKETING),
        ("sms", "Code", Nature.SERVICE),
        ("sms", "Promo d’été", Nature.MARKETING),
        ("push", "Colis", Nature.SERVICE),
        ("email", "Code", Nature.MARKETING),
        ("crm", "Code", Nature.MARKETING),
    ],
)
def test_a_message_is_of_service_only_when_it_says_so(
    channel: str, message: str, nature: Nature
) -> None:
    files = ProjectFiles.of(FILES)
    assert load_plugins().natures(lambda: files)(channel, message) is nature


def test_what_a_text_says_of_itself_is_not_sent() -> None:
    (sent,) = [one.template for one in TEXTS.of(ProjectFiles.of(FILES)) if one.name == "Code"]
    assert sent is not None
    assert str(sent.text.render()).strip() == "Votre code"


@pytest.mark.parametrize("kind", [TEXTS, NOTIFICATIONS])
@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("nature: serivce", 2, "« serivce » n’est pas une nature de message"),
        ("natur: service", 2, "« natur » n’est pas un réglage"),
        ("nom: A\nobjet: B", 3, "« objet » n’est pas un réglage"),
        ("nature: service\nnature: service", 3, "donné deux fois"),
    ],
)
def test_what_it_says_badly_is_told_at_its_line(
    kind: Collection[object], head: str, line: int, said: str
) -> None:
    files = ProjectFiles.of({f"{kind.folder}/A.txt": f"---\n{head}\n---\nBonjour"})
    (fault,) = kind.faults(files)
    assert fault.line == line
    assert said in fault.message.replace("\u00a0", " ")


def test_a_text_between_dashes_that_says_nothing_of_itself_is_sent_as_it_is() -> None:
    files = ProjectFiles.of({"sms/A.txt": "---\nOffre : 20 %\n---\nBonjour"})
    (read,) = TEXTS.of(files)
    assert read.template is not None
    assert "Offre" in str(read.template.text.render())
