"""Templates: what authors may write, what they are told, what a lead's values can never do."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import BoundTemplate

from plugins.email import layout
from plugins.email.body import prepare
from plugins.email.messages import MESSAGES, links
from relance.fault import Fault
from relance.project_files import ProjectFiles
from relance.templates.language import (
    HTML,
    TEXT,
    field_variables,
    french_amount,
    french_date,
    french_number,
)
from server.publication.on_disk import on_disk

HEAD = "---\nobjet: Bonjour\nexpéditeur: La Boutique <a@exemple.ca>\n---\n"


def faults(folder: Path, source: str) -> list[tuple[int, str]]:
    (folder / "courriels").mkdir(exist_ok=True)
    (folder / "courriels" / "a.md").write_text(source)
    found = MESSAGES.of(on_disk(folder)).faults
    assert all(isinstance(one, Fault) and one.file == "courriels/a.md" for one in found)
    return [(one.line, one.message) for one in found]


def test_values_written_in_one_go_are_what_the_library_writes_one_by_one() -> None:
    values = {
        "nom": "<Zoé & fils>",
        "age": 12,
        "vrai": True,
        "suite": ["<a>", "b"],
        "fiche": {"x": "y"},
    }
    sources = (
        "a {{ nom }} b {{ age }}{{ vrai }}{{ suite }}{{ fiche }}{{ fiche.x }} {{ inconnu }}",
        "{% assign nom = 'autre <b>' %}{{ nom }} {{ nom | upcase }} {{ age }}",
        "{{ nom }}{% if age %}{{ nom }} et {{ age }}{% endif %}{{ nom }}",
        "{% for nom in suite %}{{ nom }}{{ age }}{% endfor %}{{ nom }}",
        "{{ 'texte' }}{{ 3 }}{{ nil }}{{ true }}{{ now }}{{ today }}",
    )
    for language in (HTML, TEXT):
        for source in sources:
            template = language.from_string(source)
            assert template.render(**values) == BoundTemplate.render(template, **values)


def page(source: str, **values: object) -> str:
    return str(HTML.from_string(prepare(source).html).render(**values))


def text(source: str, **values: object) -> str:
    return str(TEXT.from_string(prepare(source).text).render(**values))


# --- What authors are told ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("Bonjour", 1, "en-tête"),
        ("---\nobjet: a\n", 1, "pas fermé"),
        (HEAD, 5, "pas de texte"),
        (HEAD.replace("objet", "sujet") + "a", 2, "« sujet »"),
        (HEAD.replace("objet: Bonjour\n", "") + "a", 1, "« objet: »"),
        (HEAD.replace("---\n", "---\nobjet: b\n", 1) + "a", 3, "deux fois"),
        (HEAD.replace("a@exemple.ca", "zut") + "a", 3, "n’est pas une adresse"),
        (HEAD + "a\n\n{{ x | bidon }}", 7, "« bidon »"),
        (HEAD + "{{ x | safe }}", 5, "« safe »"),
        (HEAD + "a\n{% include 'x' %}", 6, "« include »"),
        (HEAD + "{% if x %}b", 5, "« endif »"),
        (
            HEAD + "a\n{% for x in y %}\n{% if x %}b\n{% endfor %}",
            7,
            "«\u00a0endif\u00a0» avant «\u00a0endfor\u00a0»",
        ),
        (HEAD + "{% if x %}a{% endif %}\n{% endif %}", 6, "«\u00a0endif\u00a0» ne ferme rien"),
        (HEAD + "a\n{% case x %}\n{% when 1 %}b", 6, "«\u00a0endcase\u00a0»"),
        (HEAD + "a\nb {{ x", 6, "pas bien écrite"),
        (HEAD.replace("Bonjour", "{{ x") + "a", 2, "pas bien écrite"),
        (HEAD + '<p style="color:{{ x }}">a</p>', 5, "style"),
        (HEAD + "![a]({{ x }}/a.png)", 5, "image"),
        (HEAD + "![a](https://{{ x }}/a.png)", 5, "image"),
        (
            HEAD + "{% for i in (1..99999) %}{% for j in (1..999) %}x{% endfor %}{% endfor %}",
            5,
            "trop",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, source: str, line: int, said: str) -> None:
    found = faults(tmp_path, source)
    assert any(one == line and said in message for one, message in found), found


def test_what_a_comment_holds_is_not_read(tmp_path: Path) -> None:
    assert (
        faults(tmp_path, HEAD + "a{% comment %}{% if %}{% endfor %}{{ x }}{% endcomment %}") == []
    )


def test_a_sound_message_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, HEAD + "Bonjour {{ prénom | default: 'vous' }}") == []


def test_two_messages_of_one_name_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "courriels").mkdir()
    for name in ("a", "b"):
        (tmp_path / "courriels" / f"{name}.md").write_text(
            HEAD.replace("---\n", "---\nnom: Été\n", 1) + "a"
        )
    (fault,) = MESSAGES.faults(on_disk(tmp_path))
    assert fault.file == "courriels/b.md"
    assert "déjà le nom" in fault.message


def test_a_file_that_is_no_text_is_a_fault() -> None:
    files = ProjectFiles({"courriels/a.md": b"---\n\xff\xfe\n---\n"})
    assert "UTF-8" in MESSAGES.of(files).faults[0].message


def test_references_are_the_names_of_messages_and_of_links(tmp_path: Path) -> None:
    faults(
        tmp_path,
        HEAD + '[Essai](https://a.ca)\n[x](https://b.ca "Titre")\n[m](mailto:a@b.ca)\n'
        "[{{ ville }}](https://c.ca)",
    )
    assert MESSAGES.references(on_disk(tmp_path)) == {"courriel": ["a"]}
    assert links(on_disk(tmp_path)) == {"lien": ["Essai", "Titre"]}


def test_messages_of_subfolders_are_found_and_hidden_folders_are_not(tmp_path: Path) -> None:
    for folder in ("accueil/courriels", "courriels/été", ".cache/courriels", "autre"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{folder[:3]}.md").write_text(HEAD + "a")
    assert sorted(MESSAGES.references(on_disk(tmp_path))["courriel"]) == ["acc", "cou"]


@pytest.mark.parametrize("name", ["Été à l’ombre", "ETE A L'OMBRE", "été  à l'ombre"])
def test_a_message_is_found_case_and_accents_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "courriels").mkdir()
    path = tmp_path / "courriels" / "x.md"
    path.write_text(HEAD.replace("---\n", "---\nnom: Été à l’ombre\n", 1) + "a")
    found = MESSAGES.of(on_disk(tmp_path)).find(name)
    assert found is not None
    assert found.name == "Été à l’ombre"


# --- What Liquid may do -------------------------------------------------------------------


def test_the_filters_and_tags_are_these_and_no_other() -> None:
    ours = {"date", "nombre", "montant"}
    allowed = {
        "append",
        "capitalize",
        "default",
        "divided_by",
        "downcase",
        "first",
        "join",
        "last",
        "minus",
        "plus",
        "prepend",
        "remove",
        "replace",
        "round",
        "size",
        "split",
        "strip",
        "times",
        "truncate",
        "truncatewords",
        "upcase",
        "url_encode",
    }
    tags = {"if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment"}
    tags |= {"echo", "cycle", "content", "output", "illegal"}
    for environment in (HTML, TEXT):
        assert set(environment.filters) == allowed | ours
        assert set(environment.tags) == tags
    assert HTML.autoescape
    assert not TEXT.autoescape


def test_fields_are_variables_with_and_without_accents() -> None:
    found = field_variables(
        {"prénom": "Zoé", "date de naissance": None, "ville d’origine": "Gaspé"}
    )
    assert found == {
        "prénom": "Zoé",
        "prenom": "Zoé",
        "ville_d_origine": "Gaspé",
    }


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("long", "1er\u00a0mars 2026"),
        ("jour", "dimanche 1er\u00a0mars 2026"),
        ("sans année", "1er\u00a0mars"),
        ("année", "2026"),
        ("court", "2026-03-01"),
    ],
)
def test_dates_are_written_in_french(style: str, shown: str) -> None:
    assert french_date("2026-03-01", style) == shown


def test_numbers_and_amounts_are_french() -> None:
    assert french_number("12345.5") == "12\u202f345,5"
    assert french_amount(1234.5) == "1\u202f234,50\u00a0$"
    assert french_amount("", "€") == ""
    assert french_date("hier") == "hier"


# --- What becomes of the body -------------------------------------------------------------


def test_loops_work_around_list_items_and_table_rows() -> None:
    source = (
        "{% for i in l %}\n- {{ i }}\n{% endfor %}\n\n"
        "<table>{% for i in l %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>\n"
    )
    shown = page(source, l=["un", "deux"])
    assert shown.count("<li>") == shown.count("</li>") == 2
    assert shown.count("<tr><td>") == 2
    assert [one.strip() for one in text(source, l=["un", "deux"]).split("\n") if "- " in one] == [
        "- un",
        "- deux",
    ]


def test_scripts_frames_and_handlers_are_dropped() -> None:
    shown = page(
        '<script>alert(1)</script><iframe src="https://a.ca"></iframe>'
        '<p onclick="x()">a</p><a href="javascript:x()">b</a>'
        "{% raw %}<script>{{ x }}</script>{% endraw %}"
        '<p style="position:fixed;color:red">c</p><style>p{}</style><form><input></form>'
    )
    for word in ("script", "iframe", "onclick", "position", "<style", "<form", "<input"):
        assert word not in shown
    assert "color:red" in shown


def test_the_text_part_says_what_the_html_says() -> None:
    shown = text("# Soldes\n\n**Gros** rabais *2\\*3* :\n\n- un\n- deux\n\n[Voir](https://a.ca)\n")
    assert shown.split("\n")[0] == "Soldes"
    assert "Gros rabais 2*3 :" in shown
    assert "Voir : " in shown


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.comments = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def shape(shown: str) -> tuple[object, int]:
    parser = _Shape()
    parser.feed(shown)
    parser.close()
    return parser.seen, parser.comments


BODY = (
    "Bonjour {{ prénom }}, **{{ prénom | upcase }}** {{ prénom | append: '!' | truncate: 50 }}\n\n"
    '![{{ prénom }}](https://a.ca/{{ prénom }}.png "{{ prénom }}")\n\n'
    '[{{ prénom }}](https://a.ca/ "{{ prénom }}")\n\n'
    "{% capture x %}<b>{{ prénom }}</b>{% endcapture %}{{ x }}\n\n"
    "<td>{{ prénom | split: '<' | join: '&' }}</td>\n"
)
_page = HTML.from_string(layout.html("{{ prénom }}", "{{ prénom }}", prepare(BODY)))


@given(
    st.text(
        st.sampled_from(list("<>\"'&=/;:!-{}% \n\r\0abscript zqvtl01")), min_size=1, max_size=80
    )
    | st.sampled_from(
        [
            '"><script>alert(1)</script>',
            "'><img src=x onerror=alert(1)>",
            "--><script>",
            "</title><script>",
            "zqv0vqz",
            "zql0lqz",
            "{{ lien_0 }}",
            "{% raw %}",
            "&lt;script&gt;",
        ]
    )
)
def test_no_value_of_a_lead_adds_an_element_or_an_attribute(value: str) -> None:
    # `split` and an empty name change nothing to the elements of this body.
    assert shape(str(_page.render(prénom=value))) == shape(str(_page.render(prénom="Zoé")))


def test_words_that_look_like_our_own_marks_are_dropped() -> None:
    assert "zqv" not in page("a zqv0vqz b {{ x }}", x="c")


@pytest.mark.parametrize("address", ["", "12, rue des Érables, Québec"])
@pytest.mark.parametrize("own_way_out", [False, True])
def test_no_mark_is_left_around_a_postal_address_that_is_not_set(
    address: str, own_way_out: bool
) -> None:
    body = prepare("Bonjour." + (" [Partir]({{ lien_desabonnement }})" if own_way_out else ""))
    assert body.unsubscribes is own_way_out
    given = {"_adresse": address, "lien_desabonnement": "https://exemple.ca/d"}
    page = HTML.from_string(layout.html("Objet", "", body)).render(**given)
    text = TEXT.from_string(layout.text(body)).render(**given)
    assert ("<br>" in page) is bool(address and not own_way_out)
    assert (address or "rue") in page + text or not address
    assert not re.search(r"<(p|div|td)\b[^>]*>\s*</\1>", page)
    assert ("\n-- \n" in text) is bool(address or not own_way_out)
