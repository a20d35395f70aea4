"""Saved reports written to the team at their hour, once a date, whatever stops the server meanwhile."""
