"""Long histories, counted as they grow."""
