"""« Essayer avec… »: a scenario made of three questions or of a real journey, and put in the script."""
