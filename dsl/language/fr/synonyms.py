"""Words people of the trade use for one another, whatever their country: « mail » for « courriel ».

They help to find what was meant and to search the phrases; they never make a phrase by themselves:
what is read is what a phrase's pattern or one of its aliases says.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from dsl.language.fr.fold import fold_word

#: Each group means one thing where phrases are concerned; the first word stands for all.
_GROUPS: Final = (
    "courriel courriels mail mails email emails mél infolettre newsletter",
    "sms texto textos message-texte",
    "lu ouvert ouvre ouvrent ouvrir ouverture lit lire lecture",
    "cliqué clic clique cliquer clics",
    "pointage score points",
    "étiquette étiqueter étiqueté tag tags taguer tagué tagger taggé",
    "achat achats acheté achète acheter commande commandes transaction transactions",
    "item article produit articles produits",
    "visité visite visiter vu vue consulté consulter",
    "rempli remplir remplit soumis soumettre complété compléter",
    "enlever retirer supprimer ôter",
    "enlevé retiré supprimé ôté",
    "rebondi rebond bounce bounced",
    "désabonné désabonnement désinscrit désinscription",
    "champ attribut",
    "vendeur représentant commercial",
)
#: What may come or go without a change of meaning: the keys of small words, and who is spoken of.
FILLERS: Final = frozenset(
    fold_word(word)
    for word in [
        "à",
        "ai",
        "ont",
        "été",
        "est",
        "sont",
        "soit",
        "s",
        "se",
        "de",
        "d",
        "en",
        "dans",
        "sur",
        "par",
        "pour",
        "avec",
        "que",
        "qui",
        "ce",
        "son",
        "sa",
        "ses",
        "lead",
        "contact",
        "client",
        "cliente",
        "web",
        "pendant",
        "durant",
        "web",
        "n",
        "bien",
        "num",
    ]
)
_STANDS_FOR: Final = {
    fold_word(word): fold_word(group.split()[0]) for group in _GROUPS for word in group.split()
}


@lru_cache(maxsize=65_536)
def meant(key: str) -> str:
    """The word a word's key stands for; the key itself when it stands for no other."""
    return _STANDS_FOR.get(key, key)


def content_words(keys: Iterable[str]) -> frozenset[str]:
    """What words say, whatever their order and the small ones among them."""
    return frozenset(meant(key) for key in keys if key and key not in FILLERS and key not in "()")
