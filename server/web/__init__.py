"""The pages of the server, on Starlette: one module a feature, its templates in pages/.

A feature says its pages (`page.Page`), each with who may ask for it; `site` puts them together.
"""
