"""The constructs of the language in French, a row each: another language is another table.

A phrase of the catalogue that takes a whole line wins over a keyword: « Attendre pendant 3 jours »
is a phrase. Rows are in the order in which a reference shows them.
"""

from typing import Final

from dsl.language.construct import (
    ADDRESS,
    COLON,
    CONDITION,
    NAME,
    REST,
    Construct,
    Mode,
    Role,
    terminals,
)
from dsl.language.fr.intentions import DECIDE, POINTS, TOGETHER, WAIT

ROWS: Final = (
    # --- What stands in no other ---------------------------------------------------------
    Construct(
        terminal="CAMPAIGN",
        role=Role.TOP,
        forms=("campagne",),
        takes=(NAME,),
        closes=("campagne",),
        likened=(("campagne", False),),
        meant=("campaign",),
    ),
    Construct(
        terminal="FIELDS",
        role=Role.TOP,
        forms=("champs",),
        closes=("champs",),
        mode=Mode.FIELDS,
        shared=True,
        likened=(("champs", True),),
    ),
    Construct(terminal="LIST", role=Role.TOP, forms=("liste",), takes=(NAME, COLON, CONDITION)),
    Construct(
        terminal="POINTS",
        role=Role.TOP,
        forms=("pointage",),
        closes=("pointage",),
        mode=Mode.POINTS,
        shared=True,
    ),
    Construct(
        terminal="INTEREST",
        role=Role.TOP,
        forms=("intérêt",),
        takes=(NAME,),
        closes=("intérêt",),
        mode=Mode.POINTS,
        shared=True,
    ),
    Construct(
        terminal="CONVERSION",
        role=Role.TOP,
        forms=("conversion",),
        takes=(NAME, COLON, CONDITION),
        shared=True,
    ),
    Construct(
        terminal="LINK",
        role=Role.TOP,
        forms=("lien suivi",),
        takes=(NAME, COLON, ADDRESS),
        closes=("lien suivi", "lien"),
        mode=Mode.LINK,
        whole=True,
    ),
    Construct(
        terminal="POLICY",
        role=Role.TOP,
        forms=("politique",),
        closes=("politique",),
        mode=Mode.POLICY,
        likened=(("politique", True),),
    ),
    Construct(
        terminal="OBJECTIVE",
        role=Role.TOP,
        forms=("objectif chiffré",),
        takes=(NAME, COLON, REST),
        whole=True,
        misplaced="Dans la campagne, nommez-le\u00a0: «\u00a0objectif chiffré\u00a0: «\u00a0Nom\u00a0»\u00a0».",
    ),
    Construct(
        terminal="SCENARIO",
        role=Role.TOP,
        forms=("scénario",),
        takes=(NAME,),
        closes=("scénario",),
        mode=Mode.SCENARIO,
        likened=(("scénario", False),),
        meant=("scenario",),
    ),
    # --- The head of a campaign ----------------------------------------------------------
    Construct(
        terminal="HEADER",
        role=Role.RECORD,
        takes=(COLON,),
        within=("CAMPAIGN",),
        whole=True,
        misplaced="Les en-têtes se placent sous « campagne », avant la première action.",
    ),
    Construct(
        terminal="EXCLUSION",
        role=Role.CLAUSE,
        forms=("exclusion", "exclusions"),
        takes=(COLON, CONDITION),
        within=("CAMPAIGN",),
        likened=(("exclusion", False),),
        misplaced="« exclusion » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="SUPPRESSION",
        role=Role.CLAUSE,
        forms=("suppression", "suppressions"),
        takes=(COLON, CONDITION),
        within=("CAMPAIGN",),
        likened=(("suppression", False),),
        misplaced="« suppression » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="GOAL",
        role=Role.CLAUSE,
        forms=("objectif",),
        takes=(NAME, COLON, CONDITION),
        within=("CAMPAIGN",),
        likened=(("objectif", False),),
        misplaced="« objectif » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="MAIN_GOAL",
        role=Role.CLAUSE,
        forms=("objectif principal",),
        takes=(NAME, COLON, CONDITION),
        within=("CAMPAIGN",),
        misplaced="« objectif principal » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="ENTRY",
        role=Role.SECTION,
        forms=("entrée", "entrées"),
        within=("CAMPAIGN",),
        likened=(("entrée", True),),
        meant=("entry",),
        misplaced="« entrée » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="EXIT_WON",
        role=Role.SECTION,
        forms=("sortie réussie", "sorties réussies"),
        within=("CAMPAIGN",),
        likened=(("sortie réussie", True),),
        misplaced="« sortie réussie » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="EXIT_LOST",
        role=Role.SECTION,
        forms=("sortie échouée", "sorties échouées"),
        within=("CAMPAIGN",),
        likened=(("sortie échouée", True),),
        misplaced="« sortie échouée » se place avant la première action de la campagne.",
    ),
    Construct(
        terminal="WHEN",
        role=Role.RULE,
        forms=("quand", "lorsque"),
        takes=(CONDITION,),
        within=("ENTRY", "EXIT_WON", "EXIT_LOST"),
        reserved=True,
        taken_for="AS_SOON",
        likened=(("quand", False),),
        meant=("when",),
        misplaced="« quand » se place sous « entrée », « sortie réussie » ou « sortie échouée ».",
    ),
    Construct(
        terminal="AFTER",
        role=Role.RULE,
        forms=("après",),
        takes=("DURATION",),
        within=("EXIT_WON", "EXIT_LOST"),
        misplaced="« après » se place sous « sortie échouée ».",
    ),
    # --- What a campaign does ------------------------------------------------------------
    Construct(
        terminal="IF",
        role=Role.STATEMENT,
        what="décision",
        intention=DECIDE,
        forms=("si",),
        takes=(CONDITION,),
        closes=("si",),
        reserved=True,
        meant=("if",),
    ),
    Construct(
        terminal="ELSIF",
        role=Role.PART,
        forms=("sinon si", "sinon, si"),
        takes=(CONDITION,),
        within=("IF",),
        likened=(("sinon si", False),),
        meant=("elif", "elseif"),
        misplaced="« sinon si » ne suit aucun « si » ouvert.",
    ),
    Construct(
        terminal="ELSE",
        role=Role.PART,
        forms=("sinon",),
        within=("IF",),
        reserved=True,
        taken_for="TIMEOUT",
        likened=(("sinon", True),),
        meant=("else",),
        misplaced="« sinon » ne suit aucun « si » ouvert, ou vient après un autre « sinon ».",
    ),
    Construct(
        terminal="WAIT",
        role=Role.STATEMENT,
        what="attente",
        intention=WAIT,
        forms=("attendre",),
        takes=("ATMOST",),
        closes=("attendre", "attente"),
        likened=(("attendre au plus", False), ("attendre", True)),
        meant=("wait",),
    ),
    Construct(
        terminal="AS_SOON",
        role=Role.BRANCH,
        forms=("dès que",),
        takes=(CONDITION,),
        within=("WAIT",),
        likened=(("dès que", False),),
        noun="« dès que »",
        misplaced="« dès que » se place dans un bloc « attendre », avant « passé ce délai ».",
    ),
    Construct(
        terminal="TIMEOUT",
        role=Role.BRANCH,
        forms=("passé ce délai", "passé le délai", "après ce délai", "après le délai"),
        within=("WAIT",),
        likened=(("passé ce délai", True),),
        misplaced="« passé ce délai » se place une seule fois, à la fin d’un bloc « attendre ».",
    ),
    Construct(
        terminal="WAIT_THAT",
        role=Role.STATEMENT,
        what="attente",
        intention=WAIT,
        forms=("attendre que",),
        takes=(CONDITION, "ATMOST"),
        likened=(("attendre que", False),),
    ),
    Construct(
        terminal="STEP",
        role=Role.STATEMENT,
        forms=("étape",),
        takes=(NAME,),
        likened=(("étape", False),),
        meant=("step",),
    ),
    Construct(
        terminal="GOTO",
        role=Role.STATEMENT,
        forms=("aller à l’étape", "aller à"),
        takes=(NAME, "TIMES"),
        likened=(("aller à l’étape", False),),
        meant=(
            *("aller vers l’étape", "retourner à l’étape", "revenir à l’étape"),
            *("sauter à l’étape", "goto"),
        ),
    ),
    Construct(
        terminal="REPEAT",
        role=Role.STATEMENT,
        forms=("répéter",),
        takes=("TIMES",),
        closes=("répéter", "répétition"),
        likened=(("répéter", False),),
        meant=("tant que", "while", "repeat"),
    ),
    Construct(
        terminal="QUIT",
        role=Role.STATEMENT,
        forms=("sortir", "sortir de la campagne", "quitter la campagne"),
        takes=(NAME,),
        likened=(("sortir", False),),
        meant=("quitter", "stop", "exit"),
    ),
    Construct(
        terminal="SPLIT",
        role=Role.STATEMENT,
        what="décision",
        intention=DECIDE,
        forms=("répartir",),
        takes=(NAME, "BY_GOAL"),
        closes=("répartir", "répartition"),
        likened=(("répartir", False),),
    ),
    Construct(
        terminal="SHARE",
        role=Role.BRANCH,
        what="part",
        intention=DECIDE,
        takes=("SHARE", NAME),
        within=("SPLIT",),
        noun="une part, comme « 50 % »",
        misplaced="Une part en pourcentage se place dans un bloc « répartir ».",
    ),
    Construct(
        terminal="ITEM",
        role=Role.ITEM,
        # A word processor makes its own dashes and bullets of « - ».
        forms=("-", "–", "—", "−", "•", "·", "*"),
        takes=(CONDITION,),
        noun="une condition par ligne, chacune précédée de « - »",
        misplaced="Une ligne qui commence par « - » se place sous « toutes ces conditions » ou"
        " « au moins une de ces conditions ».",
    ),
    Construct(
        terminal="END",
        role=Role.END,
        forms=("fin",),
        reserved=True,
        meant=("finsi", "end", "endif"),
        noun="« fin »",
        misplaced="Ce « fin » n’est pas à sa place.",
    ),
    # --- Lines known by their block ------------------------------------------------------
    Construct(terminal="FIELD", role=Role.RECORD, takes=(COLON,), within=("FIELDS",), whole=True),
    Construct(
        terminal="POINT",
        role=Role.RECORD,
        what=POINTS,
        takes=(CONDITION,),
        within=("POINTS", "INTEREST"),
        misplaced="« +5 quand … » se place dans un bloc « pointage » ou « intérêt ».",
    ),
    Construct(
        terminal="DETAIL",
        role=Role.RECORD,
        takes=(COLON,),
        within=("LINK",),
        whole=True,
        misplaced="Cette ligne se place dans un bloc « lien suivi ».",
    ),
    Construct(
        terminal="TERM",
        role=Role.RECORD,
        within=("POLICY",),
        whole=True,
        misplaced="Cette ligne se place dans un bloc «\u00a0politique\u00a0».",
    ),
    Construct(
        terminal="LEAD",
        role=Role.RECORD,
        forms=("lead",),
        takes=(NAME, COLON),
        within=("SCENARIO",),
    ),
    Construct(
        terminal="PLAY", role=Role.RECORD, takes=(NAME, COLON, CONDITION), within=("SCENARIO",)
    ),
    # --- Words within a line -------------------------------------------------------------
    Construct(
        terminal="VERIFY",
        role=Role.WORD,
        what="scénario",
        forms=("vérifier", "vérifier que"),
        within=("SCENARIO",),
    ),
    Construct(terminal="AND", role=Role.WORD, forms=("et",), reserved=True, meant=("and", "mais")),
    Construct(terminal="OR", role=Role.WORD, forms=("ou",), reserved=True, meant=("or",)),
    Construct(
        terminal="NOT",
        role=Role.WORD,
        intention=TOGETHER,
        forms=("non",),
        reserved=True,
        meant=("pas", "sauf", "not"),
    ),
    Construct(
        terminal="THEN",
        role=Role.WORD,
        forms=("alors",),
        within=("IF", "ELSIF", "ITEM", "AS_SOON"),
        reserved=True,
    ),
)
CONSTRUCTS: Final = {row.terminal: row for row in ROWS}

_FORMS = {row.terminal: row.form for row in ROWS if row.forms}


def form(terminal: str) -> str:
    """The canonical writing of a construct."""
    return _FORMS[terminal]


def closing(opener: str) -> str:
    """The « fin » of a block, which names it."""
    return f"{form('END')} {CONSTRUCTS[opener].closes[0]}"


def model(row: Construct) -> str:
    """What one is written like: « liste « Nom » : … »."""
    name = " «\u00a0Nom\u00a0»" if row.named else ""
    return row.form + name + (" : …" if COLON in row.takes else "")


def of_role(*roles: Role) -> frozenset[str]:
    """The terminals of the constructs that play one of these parts."""
    return terminals(row for row in ROWS if row.role in roles)


TOP: Final = of_role(Role.TOP)
ONE_LINE: Final = terminals(row for row in ROWS if row.one_line)
#: What is left of their line is read to the letter.
LITERAL: Final = terminals(row for row in ROWS if row.literal)
#: What opens a block that a « fin » closes.
OPENERS: Final = terminals(row for row in ROWS if row.closes)
CLAUSES: Final = of_role(Role.CLAUSE)
GOALS: Final = frozenset({"GOAL", "MAIN_GOAL"})
SECTIONS: Final = of_role(Role.SECTION)
RULES: Final = of_role(Role.RULE)
STATEMENTS: Final = of_role(Role.STATEMENT)
RECORDS: Final = of_role(Role.RECORD)


def parts_of(opener: str) -> frozenset[str]:
    """What the body of a block is cut into."""
    return terminals(row for row in ROWS if opener in row.within and row.role is not Role.WORD)
