"""What `relance check` says of a message that can be read and does not say what its author meant."""

from pathlib import Path
from types import ModuleType

import pytest

from plugins import email, push, sms
from relance.fault import Fault
from relance.project_files import ProjectFiles
from relance.testing import FakeHost
from server.plugins import load_plugins
from server.publication.on_disk import on_disk

HEAD = "---\nobjet: Bonjour {{ prénom }}\n---\n"
FIELDS = ("courriel", "prénom", "date de naissance", "ville")
SETTINGS = {"maison": {"nom": "La Petite Roue", "site": "https://www.exemple.ca"}}
VARIABLES = load_plugins().variables(FakeHost(SETTINGS))


def doubts(plugin: ModuleType, files: ProjectFiles) -> list[Fault]:
    kinds = plugin.relance_messages()
    return [doubt for one in kinds for doubt in one.review(files, FIELDS, VARIABLES)]


def faults_of(folder: Path, body: str, kind: str = "courriels") -> list[tuple[int, str]]:
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / "a.md").write_text(HEAD + body)
    return [(one.line, one.message) for one in doubts(email, on_disk(folder))]


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("a\n{{ prenmo }}", 5, "Vouliez-vous dire « prénom » ?"),
        ("{% if vile %}a{% endif %}", 4, "Vouliez-vous dire « ville » ?"),
        ("{{ zzzzzz }}", 4, "n’est ni un champ ni une variable"),
        ("{{ qui }}", 4, "que dans les alertes"),
        ("a\n\n{{ date_de_naissance | date: '%d/%m/%Y' }}", 6, "« %d/%m/%Y » n’est pas un style"),
        ("[ici](www.exemple.ca)", 4, "écrire « https://www.exemple.ca »"),
        ("a\n[ici](htp://exemple.ca)", 5, "« htp » n’est pas une sorte d’adresse"),
        ("[ici]()", 4, "n’a pas d’adresse"),
        ('<a href="">ici</a>', 4, "n’a pas d’adresse"),
        ('<a href="page.html">ici</a>', 4, "ne mène nulle part"),
        ("<p>a</p>\n[ici](https://exemple.ca)", 5, "lu comme du HTML"),
        ("a\n<form action='x'>a</form>", 5, "« <form> » n’est pas gardé"),
        ("a\n<p class='x'>a</p>", 5, "la classe « x » : aucun style"),
        ("<style>p{color:red;position:fixed}</style><p>a</p>", 4, "« position » n’est pas gardé"),
        ("<p>a</p><style>\n@import url(x);</style>", 4, "« @import » n’est pas gardé"),
        ("mot " * 28_000, 1, "pèse 111 ko : Gmail n’en montre que 102"),
        ('<a href="https://exemple.ca" onclick="a()">b</a>', 4, "« onclick »"),
        ("<td\n {% if ville %}bgcolor='red'{% endif %}>a</td>", 4, "écrite dans « <td> »"),
        ("<p style='color:red;position:fixed'>a</p>", 4, "« position »"),
        ("<p>a</p>\n<img alt='a' src=logo.png>", 5, "« logo.png » n’est pas dans le dossier"),
        ("{{ produits['a'].prx }}", 4, "Vouliez-vous dire « prix » ?"),
        ("{% assign a = produits['a'] %}\n{{ a.zzz }}", 5, "« a » n’a pas de « zzz »"),
        ("{% for p in panier.produits %}\n{{ p.nmo }}{% endfor %}", 5, "Vouliez-vous dire « nom »"),
        ("{{ panier.produit.quantte }}", 4, "Vouliez-vous dire « quantité » ?"),
        ("{{ panier.produits.nom }}", 4, "prenez-en un"),
        ("{{ panir.produit.nom }}", 4, "Vouliez-vous dire « panier » ?"),
        ("{{ entrée.sujt }}", 4, "Vouliez-vous dire « sujet » ?"),
        ("{{ maison.slogan }}", 4, "« maison » n’a pas de « slogan »"),
        ("{{ maison.slogan }}", 4, 'écrivez «\u00a0slogan = "…"\u00a0» sous [maison]'),
        ("{{ ville.nom }}", 4, "« ville » n’a pas de « nom »"),
    ],
)
def test_what_will_not_show_is_told_at_its_line(
    tmp_path: Path, body: str, line: int, said: str
) -> None:
    ((at, message),) = faults_of(tmp_path, body)
    assert at == line
    assert said in message


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PNG, None),
        (PNG + b"\0" * 1_200_000, "pèse 1,2\u00a0Mo"),
        (b"<svg onload='x()'>", "n’est pas une image PNG"),
    ],
)
def test_an_image_of_the_project_is_looked_at(
    tmp_path: Path, content: bytes, said: str | None
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "velo.png").write_bytes(content)
    for written in ("images/velo.png", "velo.png"):
        found = faults_of(tmp_path, f"a\n\n![un vélo]({written})")
        assert [line for line, _ in found] == ([6] if said else [])
        assert all(said is not None and said in message for _, message in found)


@pytest.mark.parametrize(
    "body",
    [
        "![un vélo](https://exemple.ca/a.png) [![un vélo](https://exemple.ca/a.png)](https://a.ca)",
        "<!--[if mso]><v:rect href='https://a.ca'><xml></xml></v:rect><![endif]--><p>a</p>",
        "<style>.x{color:red}</style><p class='x'>a</p>",
        "{{ prénom }}{{ prenom }}{{ date_de_naissance | date: 'sans année' }}{{ produits['a'].nom }}",
        "{% for i in (1..3) %}{{ i }}{{ forloop.index }}{% endfor %}{% assign a = 1 %}{{ a }}",
        "[ici](Https://exemple.ca) [b](mailto:a@b.ca) [c]({{ lien_desabonnement }})",
        "{{ now | date }}{{ today | date }}{{ maintenant }}{{ aujourdhui }}{{ maison.nom }}",
        "{{ entrée.sujet }}{{ entree.evenement }}{{ entrée.détails.taille }}{{ entrée['détails'] }}",
        "{{ panier.produits[0].nom }}{{ panier.produits.size }}{{ panier.produits.first.prix }}",
        "{% for p in produits %}{{ p[1].nom }}{% endfor %}{% capture x %}a{% endcapture %}{{ x.y }}",
        "{% assign p = panier.produits | last %}{{ p.image }}{{ panier.Produit.Quantite }}",
        "<img src='https://a.ca/{{ ville }}.png' alt=''><p style='color:red' align=center>a</p>",
        "<!-- note --><p>a</p><table><tr><td><a href='https://exemple.ca'>b</a></td></tr></table>",
    ],
)
def test_what_shows_is_not_told(tmp_path: Path, body: str) -> None:
    assert faults_of(tmp_path, body) == []


def test_an_alert_speaks_of_its_own(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "{{ qui }} {{ pointage }} {{ écrire }}", "alertes") == []
    ((_, message),) = faults_of(tmp_path, "{{ lien_desabonnement }}", "alertes")
    assert "que dans les courriels" in message


@pytest.mark.parametrize(("plugin", "kind"), [(sms, "sms"), (push, "notifications")])
def test_sms_and_notifications_are_read_too(tmp_path: Path, plugin: object, kind: str) -> None:
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "a.txt").write_text("Bonjour\n{{ prenmo }}")
    (found,) = doubts(plugin, on_disk(tmp_path))
    assert (found.file, found.line) == (f"{kind}/a.txt", 2)
    assert "« prénom »" in found.message


@pytest.mark.parametrize("name", ["lien_de_confirmation", "code_de_confirmation"])
def test_what_confirms_an_address_is_told_empty_where_no_lead_s_address_is_written_to(
    tmp_path: Path, name: str
) -> None:
    ((line, said),) = faults_of(tmp_path, f"a\n{{{{ {name} }}}}", "alertes")
    assert (line, "que dans un courriel ou un SMS au lead" in said) == (5, True)
    for kind, plugin in (("notifications", push), ("sms", sms)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.txt").write_text(f"Titre\n{{{{ {name} }}}}\n")
        faults = doubts(plugin, on_disk(tmp_path))
        assert [one.line for one in faults] == ([2] if plugin is push else [])
    assert faults_of(tmp_path, f"{{{{ {name} }}}}")[1:] == [], "the alert's alone, not the mail's"
