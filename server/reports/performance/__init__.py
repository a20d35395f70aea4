"""What campaigns, messages, lists and the house came to over a period: each question a report.

What is counted is read from the counters (`reading`), whatever the years behind; who is inside, and
who left, from the ledger.
"""
