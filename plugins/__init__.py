"""The built-in plugins, one folder each, through the same door as a vendor’s."""
