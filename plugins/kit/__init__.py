"""What several built-in plugins need beside the contract. It is no plugin: it adds no phrase.

`calls` reaches their providers, `shelf` holds the products and promotions; `pace` holds back who tells
too much. Nothing here knows any of them, and nothing here is out of a vendor's reach: it imports the
contract alone.
"""
