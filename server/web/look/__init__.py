"""How the interface looks: its style sheets, faces and scripts, as files of a browser’s cache."""
