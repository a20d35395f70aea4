"""What leaves for a spreadsheet: leads."""
