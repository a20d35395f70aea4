"""Names as people type them, and as French writes them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.leads.corrections import REWRITERS

LAST = [
    # Ordinary names, in capitals, without any, or as they should be.
    ("TREMBLAY", "Tremblay"),
    ("tremblay", "Tremblay"),
    ("Tremblay", "Tremblay"),
    ("tREMBLAY", "Tremblay"),
    ("BÉLANGER", "Bélanger"),
    ("éthier", "Éthier"),
    ("CŒURJOLY", "Cœurjoly"),
    ("œuvrard", "Œuvrard"),
    ("LÆTHEM", "Læthem"),
    ("NG", "Ng"),
    ("YÜ", "Yü"),
    # Double names.
    ("LÉVESQUE-ROY", "Lévesque-Roy"),
    ("gagnon-st-onge", "Gagnon-St-Onge"),
    ("GARCÍA LÓPEZ", "García López"),
    ("ortega y gasset", "Ortega y Gasset"),
    ("Roy TREMBLAY", "Roy Tremblay"),
    # Saints.
    ("ST-PIERRE", "St-Pierre"),
    ("STE-MARIE", "Ste-Marie"),
    ("SAINT-EXUPÉRY", "Saint-Exupéry"),
    ("DE SAINT-EXUPÉRY", "de Saint-Exupéry"),
    ("st. john", "St. John"),
    # Particles and articles.
    ("DE LA FONTAINE", "de La Fontaine"),
    ("de la fontaine", "de La Fontaine"),
    ("De la Chevrotière", "De la Chevrotière"),
    ("de la Durantaye", "de la Durantaye"),
    ("DU BELLAY", "du Bellay"),
    ("DES ROCHES", "des Roches"),
    ("DE L'ÉTOILE", "de L'Étoile"),
    ("LE GOFF", "Le Goff"),
    ("LA RUE", "La Rue"),
    ("LES SAINTS", "Les Saints"),
    ("LEBLANC", "Leblanc"),
    ("LeBlanc", "LeBlanc"),
    ("DUPONT DE NEMOURS", "Dupont de Nemours"),
    ("GISCARD D'ESTAING", "Giscard d'Estaing"),
    ("VON TRAPP", "von Trapp"),
    ("van gogh", "van Gogh"),
    ("VAN DEN BERG", "van den Berg"),
    ("DI STEFANO", "Di Stefano"),
    ("DA SILVA", "Da Silva"),
    ("PEREIRA DA SILVA", "Pereira da Silva"),
    ("DeVito", "DeVito"),
    ("BEN ALI", "Ben Ali"),
    ("BIN LADEN", "Bin Laden"),
    ("AL-ASSAD", "Al-Assad"),
    ("al-khwarizmi", "Al-Khwarizmi"),
    ("DE", "De"),
    ("VAN", "Van"),
    # Apostrophes, straight or curved, stay as they are.
    ("D'AMOURS", "D'Amours"),
    ("d’amours", "D’Amours"),
    ("D’AMOURS", "D’Amours"),
    ("D'amours", "D'Amours"),
    ("d'Ormesson", "d'Ormesson"),
    ("L'HEUREUX", "L'Heureux"),
    ("l’écuyer", "L’Écuyer"),
    ("O'BRIEN", "O'Brien"),
    ("o’neill", "O’Neill"),
    ("N'GUYEN", "N'Guyen"),
    ("M'BALA", "M'Bala"),
    ("DELL'AQUILA", "Dell'Aquila"),
    ("ka'ahumanu", "Ka'ahumanu"),
    # Scottish and Irish.
    ("MCDONALD", "McDonald"),
    ("mcdonald", "McDonald"),
    ("McDonald", "McDonald"),
    ("MCEWAN-ROY", "McEwan-Roy"),
    ("MACLEOD", "MacLeod"),
    ("macdonald", "MacDonald"),
    ("MACRON", "Macron"),
    ("MACKIE", "Mackie"),
    ("machado", "Machado"),
    ("MACÉ", "Macé"),
    # Suffixes and initials.
    ("DUMAS FILS", "Dumas fils"),
    ("KING JR", "King Jr"),
    ("KING JR.", "King Jr."),
    ("ROCKEFELLER III", "Rockefeller III"),
    ("rockefeller iii", "Rockefeller III"),
    ("FILS", "Fils"),
    ("LACROIX DIT LAFLEUR", "Lacroix dit Lafleur"),
    ("TREMBLAY NÉE ROY", "Tremblay née Roy"),
    ("TREMBLAY (ROY)", "Tremblay (Roy)"),
    ("TREMBLAY (NÉE MARTIN)", "Tremblay (née Martin)"),
    ("tremblay (née martin)", "Tremblay (née Martin)"),
    ("Tremblay (née Martin)", "Tremblay (née Martin)"),
    ("TREMBLAY ( NÉE MARTIN )", "Tremblay ( née Martin )"),
    ("(NÉE MARTIN)", "(née Martin)"),
    ("TREMBLAY, NÉE MARTIN", "Tremblay, née Martin"),
    ("TREMBLAY [NÉE DE LA FONTAINE]", "Tremblay [née de La Fontaine]"),
    ("TREMBLAY ÉPOUSE ROY", "Tremblay épouse Roy"),
    ("TREMBLAY (ÉPOUSE ROY)", "Tremblay (épouse Roy)"),
    ("TREMBLAY ÉP. ROY", "Tremblay ép. Roy"),
    ("TREMBLAY VEUVE ROY", "Tremblay veuve Roy"),
    ("LACROIX (DIT LAFLEUR)", "Lacroix (dit Lafleur)"),
    ("LACROIX, DIT « LAFLEUR »", "Lacroix, dit « Lafleur »"),
    ("LACROIX « TI-JEAN »", "Lacroix « Ti-Jean »"),
    ('LACROIX "TI-JEAN" ROY', 'Lacroix "Ti-Jean" Roy'),
    ("ROCKEFELLER III (NÉ ROY)", "Rockefeller III (né Roy)"),
    ("rockefeller iii, fils", "Rockefeller III, fils"),
    ("KING, JR.", "King, Jr."),
    ("D'AMOURS (NÉE D'ESTAING)", "D'Amours (née d'Estaing)"),
    ("MCDONALD (NÉE MACLEOD)", "McDonald (née MacLeod)"),
    ("DIT", "Dit"),
    ("NÉE", "Née"),
    # What is no name is left alone.
    ("", ""),
    ("   ", "   "),
    ("aline@exemple.ca", "aline@exemple.ca"),
    ("client 42", "client 42"),
    ("李", "李"),
    ("🙂", "🙂"),
    ("x" * 201, "x" * 201),
]
FIRST = [
    ("JEAN-PIERRE", "Jean-Pierre"),
    ("jean-pierre", "Jean-Pierre"),
    ("Jean-pierre", "Jean-Pierre"),
    ("ÉLOÏSE", "Éloïse"),
    ("éloïse", "Éloïse"),
    ("MARIE-ÈVE", "Marie-Ève"),
    ("JEAN-DE-DIEU", "Jean-de-Dieu"),
    ("MARIE DE L'INCARNATION", "Marie de L'Incarnation"),
    ("JEANNE D'ARC", "Jeanne d'Arc"),
    ("VAN ANH", "Van Anh"),
    ("ben", "Ben"),
    ("J.-P.", "J.-P."),
    ("j.-p.", "J.-P."),
    ("J. P.", "J. P."),
    ("j.p.", "J.P."),
    ("jp", "JP"),
    ("JP", "JP"),
    ("MACKENZIE", "Mackenzie"),
    ("ANNE (ANNIE)", "Anne (Annie)"),
    ("MARIE-ÈVE (DITE ÉVA)", "Marie-Ève (dite Éva)"),
    ("JEAN « JP »", "Jean « JP »"),
    ("J.-P. (JEAN)", "J.-P. (Jean)"),
    ("MARIE ET PAUL", "Marie et Paul"),
    ("ABD AL-RAHMAN", "Abd al-Rahman"),
    ("DeShawn", "DeShawn"),
    ("e\u0301lo\u00efse", "E\u0301lo\u00efse"),
]
PLACE = [
    ("MONTRÉAL", "Montréal"),
    ("trois-rivières", "Trois-Rivières"),
    ("saint-jean-sur-richelieu", "Saint-Jean-sur-Richelieu"),
    ("SAINTE-ANNE-DE-LA-PÉRADE", "Sainte-Anne-de-la-Pérade"),
    ("L'ANCIENNE-LORETTE", "L'Ancienne-Lorette"),
    ("VAL-D'OR", "Val-d'Or"),
    ("la tuque", "La Tuque"),
    ("QUÉBEC (QC)", "Québec (QC)"),
    ("Québec (QC)", "Québec (QC)"),
    ("gatineau, qc", "Gatineau, QC"),
    ("LES CÈDRES", "Les Cèdres"),
    ("l’isle-aux-coudres", "L’Isle-aux-Coudres"),
    ("MACAMIC", "Macamic"),
    ("Baie-D’Urfé", "Baie-D’Urfé"),
]
TIDY = [
    ("  jean - pierre ", "Jean-Pierre"),
    ("JEAN -PIERRE", "Jean-Pierre"),
    ("Jean  Pierre", "Jean Pierre"),
    ("jean\u00a0pierre", "Jean Pierre"),
    ("Aline\t", "Aline"),
    (" \n ", " \n "),
]


@pytest.mark.parametrize(("typed", "written"), LAST)
def test_a_last_name_gets_its_capitals(typed: str, written: str) -> None:
    assert REWRITERS["leads.last_name_capitals"](typed) == written


@pytest.mark.parametrize(("typed", "written"), FIRST)
def test_a_first_name_gets_its_capitals(typed: str, written: str) -> None:
    assert REWRITERS["leads.first_name_capitals"](typed) == written


@pytest.mark.parametrize(("typed", "written"), PLACE)
def test_a_place_gets_its_capitals(typed: str, written: str) -> None:
    assert REWRITERS["leads.place_capitals"](typed) == written


@pytest.mark.parametrize(("typed", "written"), TIDY)
def test_what_corrected_names_before_set_spaces_right_too(typed: str, written: str) -> None:
    assert REWRITERS["leads.first_name"](typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("  jean - pierre ", "jean-pierre"),
        ("D’ Amours", "D’Amours"),
        ("TREMBLAY  ROY", "TREMBLAY ROY"),
    ],
)
def test_the_correction_of_spaces_changes_nothing_else(typed: str, written: str) -> None:
    assert REWRITERS["leads.spaces"](typed) == written


def test_spaces_after_an_apostrophe_are_closed_and_capitals_alone_leave_them() -> None:
    assert REWRITERS["leads.last_name"]("D' AMOURS") == "D'Amours"
    assert REWRITERS["leads.last_name_capitals"](" TREMBLAY  ROY") == " Tremblay  Roy"


PIECES = (
    "DE la d' L’ o' Mc mac MACLEOD mcdonald jean PIERRE III fils jr. JP j. ß ı ŉ ﬁ İ ǆ "
    "née (NÉE dit « » , : St ste - – ’ ' . éloïse E\u0301 al- AL ben van 李 ( )"
)
NAMES = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from(PIECES.split()),
        max_size=7,
    ).flatmap(lambda parts: st.sampled_from([" ", "", "-", "  "]).map(lambda by: by.join(parts))),
)


@pytest.mark.parametrize("name", sorted(REWRITERS))
@given(text=NAMES)
def test_correcting_again_changes_nothing(name: str, text: str) -> None:
    once = REWRITERS[name](text)
    assert REWRITERS[name](once) == once


@pytest.mark.parametrize("name", [name for name in sorted(REWRITERS) if "capitals" in name])
@given(text=NAMES)
def test_capitals_change_nothing_but_case(name: str, text: str) -> None:
    written = REWRITERS[name](text)
    assert len(written) == len(text)
    assert written.casefold() == text.casefold()
    marks = [unicodedata.category(char)[0] == "M" for char in text]
    assert marks == [unicodedata.category(char)[0] == "M" for char in written]


@given(text=NAMES)
def test_the_correction_of_names_changes_nothing_but_case_and_spaces(text: str) -> None:
    written = REWRITERS["leads.last_name"](text)
    assert "".join(written.casefold().split()) == "".join(text.casefold().split())
