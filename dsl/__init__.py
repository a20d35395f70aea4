"""The language: text to checked programs, and back to canonical text. Pure: no clock, no I/O.

A script is read in stages, each a module or a few:

1. `lexer` cuts a line into words, numbers, texts; `lines` joins physical lines into logical
   ones, and tells each by its first words (`keywords`).
2. `postlexer` turns a line into the tokens of `grammar.lark`. It stands on readers of one kind of
   thing each: `reader` (what all share), `phrases`, `conditions` (with `brackets`), `records`.
   `listing` follows conditions written one a line; `slips` and `signs` tell what was meant.
   A phrase is found in the `trie` of the `catalogue`, whose entries are `pattern`s with slots;
   `bare` tells which words make a value without parentheses, `suggestions` (with `unwrapped`
   and `negation`) and `signs` what was meant by words and signs that make nothing.
3. `listing` tells which lines belong to a list of conditions, and `blocks` pairs each block with
   its « fin », by indentation where one is missing.
4. `parser` drives Lark's LALR automaton line by line (`recovery`, and `expected` for what to say);
   `builder` makes the
   `nodes` of the `tokens`.
5. `check/` finds what a script means and all that is wrong with it; `compile/` makes the
   `program` that the engine runs and the `scenario`s that are played. `identity` names each
   statement so that it survives edits elsewhere.

`project` does all of it for a folder of scripts; `values` reads the text of a slot; `formatter`
writes a script back, `render` a diagnostic; `codes` lists every diagnostic there is.
"""
