"""French: its words, how they are folded, what its numbers and dates mean. Leans on no other room."""
