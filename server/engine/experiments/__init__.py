"""Shares of a « répartir » compared by a goal: how surely one does better. Arithmetic alone."""
