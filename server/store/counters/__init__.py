"""Counters of the ledger: what is counted of which rows, said once, in `counted`.

From that the database is given triggers (`triggers`), so that whatever writes a row, an engine, a
merge, an archive, a hand, has it counted in the same transaction; and so is the query that counts
everything again (`recounting`), by which the two are compared and a base begins.
"""
