"""What every plugin that writes to people shares: Liquid with few tags, and files found by name.

This is no plugin: it adds nothing to the language. It imports the contract alone, as they do.
"""
