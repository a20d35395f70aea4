"""A mail drawn whole in HTML: its stylesheets, its dark, what it says to Outlook, its frame."""

import re

import pytest

from plugins.email.template import EmailTemplate, parse

HEAD = "---\nobjet: Bonjour\naperçu: Un mot\n---\n"


def template(body: str) -> EmailTemplate:
    read = parse(HEAD + body, "a", "courriels/a.md")
    assert read.template is not None, read.faults
    return read.template


def shown(body: str, **values: object) -> str:
    return template(body).html.render(**values)


def test_rules_are_written_on_their_elements() -> None:
    page = shown("<style>.prix{color:red;padding:3px}p{margin:0}</style><p class='prix'>9 $</p>")
    assert re.search(r'<p style="[^"]*color: ?red;[^"]*padding: ?3px', page)
    assert "<style>.prix" not in page


def test_what_depends_on_the_screen_stays_with_its_classes() -> None:
    page = shown(
        "<style>@media (max-width:600px){.large{width:100%!important}}</style>"
        "<p class='large autre'>a</p>"
    )
    assert "@media (max-width:600px){.large{width:100%!important}}" in page
    assert 'class="large"' in page


def test_the_dark_is_ours_for_a_plain_text_and_its_own_for_a_page_that_says_it() -> None:
    dark = "@media (prefers-color-scheme:dark)"
    assert dark in shown("Bonjour")
    assert 'content="light dark"' in shown("Bonjour")
    coloured = shown("<p style='color:#222222'>a</p>")
    assert dark not in coloured
    assert 'content="light"' in coloured
    own = shown(f"<style>{dark}{{.a{{color:#ffffff!important}}}}</style><p class='a'>a</p>")
    assert own.count("prefers-color-scheme") == 1
    assert 'content="light dark"' in own


@pytest.mark.parametrize(
    "body", ["Des vélos multicolores", "[Voir](https://a.ca/background?color=1)", "<p>décoloré</p>"]
)
def test_a_word_that_looks_like_a_colour_is_none(body: str) -> None:
    assert "prefers-color-scheme" in shown(body)


def test_outlook_reads_its_own_pieces_open_or_not() -> None:
    page = shown(
        "<!--[if mso]><table><tr><td><![endif]--><p>a</p><!--[if mso]></td></tr></table><![endif]-->"
        "<!--[if !mso]><!--><p>b</p><!--<![endif]-->"
    )
    assert "<!--[if mso]><table><tr><td><![endif]-->" in page
    assert "<!--[if mso]></td></tr></table><![endif]-->" in page
    assert "<!--[if !mso]><!-->" in page
    assert "<!--<![endif]-->" in page


def test_a_button_for_outlook_is_a_link_like_the_other() -> None:
    made = template(
        "<!--[if mso]><v:roundrect href='https://a.ca/b' arcsize='10%'><w:anchorlock/>"
        "<center>Voir</center></v:roundrect><![endif]-->"
        "<!--[if !mso]><!--><a href='https://a.ca/b'>Voir</a><!--<![endif]-->"
    )
    assert [(one.name, one.target) for one in made.links] == [("Voir", "https://a.ca/b")] * 2
    page = made.html.render(lien_0="https://r.ca/c/0", lien_1="https://r.ca/c/1")
    assert '<v:roundrect href="https://r.ca/c/0" arcsize="10%"><w:anchorlock>' in page
    assert made.text.render(lien_1="https://r.ca/c/1").count("Voir") == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<!--[if mso]><script>alert(1)</script><![endif]--><p>a</p>",
        "<!--[if mso]><p onclick='alert(1)' style='a:expression(alert(1))'>x</p><![endif]--><p>a</p>",
        "<!--[if mso]><v:rect href='javascript:alert(1)'></v:rect><![endif]--><p>a</p>",
        "<!--[if mso]><v:fill src='javascript:alert(1)'/><![endif]--><p>a</p>",
        "<!--[if mso]><style>p{behavior:url(alert(1))}</style><![endif]--><p>a</p>",
        "<style>@media screen{p{color:red;background:url(//alert(1))}}</style><p>a</p>",
        "<style>@media screen{p{color:red}}</style><p>a</p><style>@import 'alert(1)';</style>",
        "<style>@media screen{a[x='</style><script>alert(1)</script>']{color:red}}</style><p>a</p>",
        "<!--[if mso]>--><script>alert(1)</script><p>a</p>",
        "<!--[if mso onload=alert(1)]><p>x</p><![endif]--><p>a</p>",
        "<!doctype html><html><head><script>alert(1)</script></head><body onload='alert(1)' "
        "style='background:url(alert(1))'><p>a</p></body></html>",
    ],
)
def test_nothing_hostile_comes_through_a_stylesheet_or_a_comment(hostile: str) -> None:
    page = shown(hostile)
    for word in ("<script", "url(", "expression", "javascript:", "onclick", "onload", "@import"):
        assert word not in page


def test_a_value_of_a_lead_never_ends_a_comment() -> None:
    page = shown(
        "<!--[if mso]><p>{{ prénom }}</p><![endif]--><p>a</p>", prénom="--><script>x</script>"
    )
    assert "<script" not in page
    assert page.count("-->") == 1


def test_nothing_is_put_around_a_whole_page_but_the_way_out() -> None:
    page = shown(
        "<!doctype html><html><head><title>x</title><style>body{background:#eeeeee}</style>"
        "<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]--></head>"
        "<body><p>Bonjour</p></body></html>",
        lien_desabonnement="https://r.ca/d",
    )
    head, body = page.split("</head>")
    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in head
    assert '<body style="background:#eeeeee">' in body
    assert "max-width:600px" not in page
    assert 'href="https://r.ca/d"' in body
    assert "<p>Bonjour</p>" in body
    assert page.count("<html") == page.count("<body") == 1


def test_a_button_keeps_its_size_in_outlook() -> None:
    page = shown("[Voir](https://a.ca)")
    assert re.search(r"<td [^<>]*bgcolor[^<>]*mso-padding-alt:12px 22px[^<>]*><a href", page)
