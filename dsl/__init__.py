"""The language: text to checked programs, and back to canonical text. Pure: no clock, no I/O.

The folders are the passes; each leans only on those above it in this list.

- `language/` is the surface. `construct` says what a construct is; `fr/` alone holds the words of
  French and the rules by which they are read and written: its `constructs`, a row each, from which
  the lexer, the parser, the formatter, the suggestions and the reference all read their facts;
  `bare` tells which words make a value without parentheses.
- `text/` cuts a line into words, numbers and delimited texts, each with its place.
- `tree/` is what a script is once read: the `tokens` of `grammar.lark`, the `nodes` made of them, and
  the `bound` nodes those become once checked.
- `phrases/` holds the phrases of the loaded plugins: `pattern`s with slots, the `trie` that finds
  them in a line, the `catalogue`.
- `help/` is how the author is helped: what may have been meant (`suggestions`, `unwrapped`), whether
  it says what was written (`fidelity`, `proposals`), and how a diagnostic is shown (`render`);
  `codes` lists every diagnostic there is.
- `read/` makes the tree. `lines` joins physical lines into logical ones and tells each by its first
  words; `postlexer` gives each its tokens, by functions of one kind of line or thing each, which
  take a `Sentence` (a line as far as it was read) and give the next; `listing` follows conditions
  written one a line, `blocks` pairs each block with its « fin »; `parser` drives Lark's LALR
  automaton line by line, and goes on after a fault (`recovery`).
- `check/` finds what a script means and all that is wrong with it: it makes of the nodes the `bound`
  tree (`tree/`), whose names, values and phrases are resolved, and the `scenario`s that are played.
- `compile/` makes of the bound tree the `program` that the engine runs, and finds nothing wrong in it:
  what it is handed is right. Once it has linked the statements of a journey, `check/flow` judges
  where they lead.
- `service/` is what editors ask: the remarks of a file while it is typed, what may be written there,
  what a name is and how to change it everywhere.

`identity` names each statement so that it survives edits elsewhere; `project` does all of it for a
folder of scripts; `formatter` writes a script back.
"""
