"""The syntax tree: its nodes, the tokens of the grammar, and the builder that makes one of the other."""
