"""In: the one door by which facts enter.

`intake` answers once what it was told is stored. A fact is checked first (`incoming`, `field_values`),
then stored by batches (`recording`): who it is about is for `identities` to say, which of two
that contradict each other, for `dated`.
"""
