"""What leaves for a spreadsheet: leads, and the rows an import refused."""
