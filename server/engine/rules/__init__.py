"""What a project says outside campaigns: `standing` applies it, `standing_rules` keeps it."""
