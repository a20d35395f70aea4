"""From the files a team edits to what runs: drafts on disk, immutable publications in the store.

`draft` reads the project's files as they are at one instant; `archive` keeps publications whole,
message texts included; `display` shows the current one as a folder, since plugins read files;
`rules` watches the draft and publishes it. Whatever happens to a file, what runs is unmoved until
the next publication.
"""
