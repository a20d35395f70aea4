"""What an editor asks of a project held in memory: remarks, completion, names, format. Pure, as all of `dsl`.

The same answers reach the page that edits scripts, `relance lsp` and the API; each turns them into
what its side of the wire speaks. Offsets are code points of the text asked about: editors that
count UTF-16 units are met at the edge, by `dsl.text.positions`.

`language_service` is the door: a `LanguageService` is one project at one instant, and the `memory`
behind it keeps what was read of each file, so that an edit costs the file it is made in.
"""
