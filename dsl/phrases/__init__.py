"""The phrases of the loaded plugins: patterns, the trie that finds them, the catalogue that holds them."""
