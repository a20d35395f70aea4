"""Scripts drawn at random: bodies that make sense, and soups that do not."""

from hypothesis import strategies as st

ACTS = (
    "Envoyer courriel (Tarifs)",
    "Envoyer courriel (Rappel)",
    "Changer pointage (+1)",
    "Changer pointage (-1)",
    "Ajouter à la liste (Amis)",
    "Changer attribut du lead (ville) à (Paris)",
    "Attendre pendant 1 jour",
    "Attendre entre zéro et 3 jours",
    "Attendre jusqu’au (2026-12-24)",
)
ASKED = (
    "Formulaire (Tarif) rempli",
    "Lien (Essai gratuit) cliqué dans courriel (Tarifs)",
    "Événement (Achat) survenu où (montant) supérieur à (50)",
    "Pointage lead au-dessus de (5)",
    "non Champ lead (ville) est vide",
    "Lead membre de la liste (Amis)",
    "Split 50 %",
    "[Pointage lead au-dessus de (5) ou Lead membre de la liste (Amis)] et Split 20 %",
)
WORDS = (
    *ACTS,
    *ASKED,
    *(f"si {one}" for one in ASKED),
    *(f"dès que {one}" for one in ASKED),
    *(f"quand {one}" for one in ASKED),
    "campagne « A »",
    "campagne « B »",
    "champs",
    "pointure : nombre",
    "taille : choix (petit, grand)",
    "liste « L » : Lead membre de la liste (L)",
    "scénario « S »",
    "lead (Aline) : courriel (a@exemple.ca), pointure (x)",
    "le 2026-12-01 à 9 h, (Aline) : Formulaire (Tarif) rempli",
    "1 jour plus tard, vérifier (Alin) : à l’étape « E »",
    "entrée",
    "sortie réussie",
    "sortie échouée",
    "après 30 jours",
    "quand chaque lundi à 9 h",
    "quand [Formulaire (A) rempli ou chaque jour] et Formulaire (B) rempli",
    "sinon",
    "sinon si Split 50 %",
    "attendre au plus 3 jours",
    "attendre",
    "attendre que Courriel (Tarifs) lu, au plus 2 jours",
    "passé ce délai",
    "étape « E »",
    "étape « F »",
    "aller à l’étape « E »",
    "aller à l’étape « F », 2 fois au plus",
    "répéter 2 fois au plus",
    "répéter 0 fois au plus",
    "répartir « R »",
    "50 % « X »",
    "60 % « Y »",
    "sortir (réussite)",
    "sortir (plouf)",
    "Tomber en panne",
    "Répondre à côté",
    "Refuser (3)",
    "Champ (date de naissance) est supérieur à (3)",
    "si Formulaire (Tarif) rempli depuis l’étape « E »",
    "fuseau : Mars/Phobos",
    "période : du 2026-12-31 au 2026-12-01",
    "réentrée : après 3 jours",
    "fin",
    "fin",
    "fin",
    "fin",
)


@st.composite
def soup(draw: st.DrawFn) -> str:
    """Lines of scripts in any order."""
    lines = draw(st.lists(st.sampled_from(WORDS), max_size=30))
    opened = draw(st.booleans())
    return "\n".join(["campagne « A »", *lines] if opened else lines)


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2) -> str:
    """The body of a campaign that can be read."""
    return "\n".join(draw(st.lists(_statement(depth), min_size=1, max_size=5)))


def _statement(depth: int) -> st.SearchStrategy[str]:
    acts = st.sampled_from(ACTS)
    if depth == 0:
        return acts
    return st.one_of(acts, _if(depth - 1), _wait(depth - 1), _repeat(depth - 1), _split(depth - 1))


@st.composite
def _if(draw: st.DrawFn, depth: int) -> str:
    first, second = draw(st.sampled_from(ASKED)), draw(st.sampled_from(ASKED))
    parts = [f"si {first}", draw(bodies(depth))]
    if draw(st.booleans()):
        parts += [f"sinon si {second}", draw(bodies(depth))]
    if draw(st.booleans()):
        parts += ["sinon", draw(bodies(depth))]
    return "\n".join([*parts, "fin"])


@st.composite
def _wait(draw: st.DrawFn, depth: int) -> str:
    asked = draw(st.lists(st.sampled_from(ASKED), min_size=1, max_size=2, unique=True))
    limit = draw(st.booleans())
    parts = ["attendre au plus 3 jours" if limit else "attendre"]
    for one in asked:
        parts += [f"dès que {one}", draw(bodies(depth))]
    if limit and draw(st.booleans()):
        parts += ["passé ce délai", draw(bodies(depth))]
    return "\n".join([*parts, "fin"])


@st.composite
def _repeat(draw: st.DrawFn, depth: int) -> str:
    inside = draw(bodies(depth))
    return f"répéter 3 fois au plus\nAttendre pendant 1 jour\n{inside}\nfin"


@st.composite
def _split(draw: st.DrawFn, depth: int) -> str:
    one, other = draw(bodies(depth)), draw(bodies(depth))
    name = draw(st.sampled_from(("« Objet »", "")))
    return f"répartir {name}\n40 % « A »\n{one}\n60 % « B »\n{other}\nfin"
