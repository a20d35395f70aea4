"""When two words are one: its forms, what turns it into its contrary, a slip of the pen."""

#: What, before a word, makes it another word or its contrary.
_PREFIXES = (
    *("desin", "des", "de", "dis", "d", "re", "r"),
    *("in", "im", "ir", "il", "non", "anti", "pre"),
)
#: Endings of one word's forms: « remplit », « remplir », « rempli ».
_ENDINGS = frozenset(
    (
        "",
        *[
            "e",
            "s",
            "t",
            "r",
            "i",
            "u",
            "er",
            "ez",
            "es",
            "ent",
            "ir",
            "it",
            "is",
            "ie",
            "te",
            "ant",
            "ons",
            "ait",
            "era",
            "aient",
            "ure",
            "age",
            "ion",
            "tion",
        ],
    )
)
_LEAST_STEM = 4


def contrary(word: str, other: str) -> bool:
    """Whether only what stands before tells two words apart: « abonné », « désabonné », « réabonné »."""
    return word != other and bool(_unprefixed(word) & _unprefixed(other))


def _unprefixed(word: str) -> set[str]:
    """A word, and what it is without what turns it round."""
    starts = [prefix for prefix in _PREFIXES if word.startswith(prefix)]
    return {word, *(word[len(one) :] for one in starts if len(word) - len(one) >= _LEAST_STEM)}


def same_word(word: str, other: str) -> bool:
    """Whether one is a form of the other, or a slip for it."""
    return _forms(word, other) or _slip(word, other)


def _forms(word: str, other: str) -> bool:
    stem = 0
    while stem < min(len(word), len(other)) and word[stem] == other[stem]:
        stem += 1
    if stem < _LEAST_STEM:
        return False
    return any(
        word[at:] in _ENDINGS and other[at:] in _ENDINGS for at in range(_LEAST_STEM, stem + 1)
    )


def _slip(word: str, other: str) -> bool:
    """Whether few letters part them: one, two in long words, three in very long ones."""
    word, other = _sounded(word), _sounded(other)
    shortest = min(len(word), len(other))
    most = 0 if shortest < 3 else 1 if shortest < 6 else 2 if shortest < 10 else 3
    return abs(len(word) - len(other)) <= most and distance(word, other) <= most


def _sounded(word: str) -> str:
    """A word as it is heard, where French writes one sound in several ways."""
    return word.replace("qu", "k").replace("ph", "f")


def distance(word: str, other: str) -> int:
    """Letters to change, add, leave out or swap to go from one to the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        older, before = before, row
        row = [i]
        for j, mate in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != mate))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == mate:
                least = min(least, older[j - 2] + 1)
            row.append(least)
    return row[-1]
