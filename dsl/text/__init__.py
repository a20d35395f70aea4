"""Text to words, numbers and delimited texts, each with its place; nothing is understood yet."""
