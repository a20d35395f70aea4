"""The surface of the language: a folder a tongue, which holds its words and its rules."""
