"""The words by which French denies, as keys: `fold_word` has been over them."""

#: The keys of the words that deny, whatever stands around them.
DENIALS = frozenset(
    {"non", "pas", "ne", "n", "jamai", "jamais", "aucun", "aucune", "sauf", "san", "rien", "ni"}
)
#: Those of a verb: none is ever part of a name that nothing marks off, as « taxe sans TPS » may be.
REFUSING = frozenset({"pas", "ne", "n", "jamai", "jamais"})
DIFFERENT = frozenset({"different", "differente", "≠", "!=", "<>"})
