"""What leaves for a spreadsheet: leads, and what a command found."""
