"""The remarks of a file being typed are those of `check`, and what they propose is accepted."""

from dsl.project import check
from dsl.service.edits import TextEdit, applied
from tests.dsl.service.projects import library, service_of


def test_remarks_are_those_of_a_check_of_the_whole_project() -> None:
    service = library()
    whole = check(service.sources, service.catalogue, service.references)
    assert dict(service.diagnostics()) == dict(whole.diagnostics)


def test_remarks_of_one_edited_file_are_those_of_a_check_of_all() -> None:
    service = library()
    service.diagnostics()
    for name, was, now in (
        ("bienvenue.relance", "Envoyer courriel (Bienvenue)", "Envoyer couriel (Bienvenue)"),
        ("bienvenue.relance", "étape « Essai »", "étape « Accueil »"),
        ("panier.relance", "campagne « ", "campagne « Bienvenue » # "),
        ("prospects.relance", "quand ", "quand et "),
        ("fetes.relance", "fin", "fi"),
    ):
        edited = service.edited(name, service.sources[name].replace(was, now, 1))
        whole = check(edited.sources, service.catalogue, service.references)
        assert edited.diagnostics(name)[name] == whole.diagnostics[name]


def test_a_proposed_fix_put_in_its_place_leaves_nothing_to_say() -> None:
    service = library()
    name = "bienvenue.relance"
    wrong = service.sources[name].replace(
        "Envoyer courriel (Bienvenue)", "Envoyer couriel (Bienvenue)"
    )
    edited = service.edited(name, wrong)
    (remark,) = edited.diagnostics(name)[name]
    (fix,) = remark.fixes
    mended = applied(wrong, [TextEdit(name, fix.span, fix.text)])
    assert edited.edited(name, mended).diagnostics(name)[name] == ()
    assert mended == service.sources[name]


def test_what_another_script_sends_is_known_while_one_is_typed() -> None:
    service = library()
    service.diagnostics()
    name = "bienvenue.relance"
    # Sent by another campaign alone: asking whether it was read is no mistake.
    text = service.sources[name].replace(
        "courriel (Rappel du guide)", "courriel (Panier en attente)"
    )
    found = service.edited(name, text).diagnostics(name)[name]
    whole = check({**service.sources, name: text}, service.catalogue, service.references)
    assert found == whole.diagnostics[name]


def test_the_campaigns_of_a_file_being_typed_are_those_that_would_run() -> None:
    service = library()
    name = "bienvenue.relance"
    for was, now in (("2 jours", "3 jours"), ("\nfin", "\n  Étiqueter (Neuf)\nfin")):
        edited = service.edited(name, service.sources[name].replace(was, now, 1))
        whole = check(edited.sources, service.catalogue, service.references)
        assert edited.programs(name) == tuple(one for one in whole.programs if one.file == name)
    wrong = service.edited(name, service.sources[name].replace("Envoyer courriel", "Envoyer", 1))
    assert wrong.programs(name) is None
    text = "campagne « A »\n  entrée\n    quand Formulaire (B) rempli\n  Étiqueter (C)\nfin\n"
    unread = service_of({"a.relance": text, "b.relance": text.replace("A", "D")})
    assert [one.file for one in unread.programs("a.relance") or ()] == ["a.relance"]
    # What was typed there is forgotten with it.
    assert [one.program.name for one in service.programs(name) or ()] == ["Bienvenue"]


HEAD = """\
campagne « Essai »
{}  fuseau : America/Montreal
  entrée
    quand Formulaire (Infolettre) rempli
  sortie réussie
    quand Lead étiqueté (VIP)

  Étiqueter (Neuf)
fin
"""


def said(line: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """What is said of that line in the head of a campaign, each with its line and what mends it."""
    text = HEAD.format(line)
    found = service_of({"a.relance": text}).diagnostics("a.relance")["a.relance"]
    return [
        (
            text.count("\n", 0, one.span.start) + 1,
            one.code,
            tuple(applied(text, [TextEdit("", fix.span, fix.text)]) for fix in one.fixes),
        )
        for one in found
    ]


def test_a_line_of_the_head_is_never_out_of_place_while_it_is_being_typed() -> None:
    assert said("") == []
    for line in ("groupe exclusif : « Essai », priorité 1", "objectif chiffré : vendre plus"):
        for end in range(1, len(line)):
            found = said(f"  {line[:end]}\n")
            assert {at for at, _, _ in found} <= {2}, line[:end]
            assert {code for _, code, _ in found}.isdisjoint({"R106", "R109"}), line[:end]


def test_a_header_without_its_colon_is_offered_with_it() -> None:
    right = HEAD.format("  en cas de doublon\u00a0: recommencer\n")
    assert said("  en cas de doublon recommencer\n") == [(2, "R110", (right,))]
    assert said("  en cas de doublon\n") == [(2, "R110", ())]
