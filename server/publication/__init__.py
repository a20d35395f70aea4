"""From the files a team edits to what runs: drafts on disk or in the store, immutable publications.

`source` is where a draft is edited; `archive` keeps publications whole, message texts included;
`watcher` tells that a draft changed, `publisher` makes of it what runs. Plugins are handed the files
of what they are asked about (`relance.project_files`), never a folder. Whatever happens to a file,
what runs is unmoved until the next publication.
"""
