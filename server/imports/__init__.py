"""Files brought in: leads, products and promotions, from CSV and Excel, row by row.

A file is read as a stream, each row is settled by itself, and what is refused is kept with its
line and the reason, so that a person can correct it and bring it again.
"""
