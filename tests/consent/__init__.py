"""Consent: who said what, and what it lets be sent."""
