"""Words people of the trade use for one another, whatever their country: « mail » for « courriel ».

They help to find what was meant and to search the phrases; they never make a phrase by themselves:
what is read is what a phrase's pattern or one of its aliases says.
"""

from functools import lru_cache
from typing import Final

from dsl.fold import fold_word

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
_STANDS_FOR: Final = {
    fold_word(word): fold_word(group.split()[0]) for group in _GROUPS for word in group.split()
}


@lru_cache(maxsize=65_536)
def meant(key: str) -> str:
    """The word a word's key stands for; the key itself when it stands for no other."""
    return _STANDS_FOR.get(key, key)
