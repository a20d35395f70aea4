"""The products and the promotions of a project, for every plugin that speaks of them.

This is no plugin: it adds nothing to the language. It imports the contract alone, as they do.
"""
