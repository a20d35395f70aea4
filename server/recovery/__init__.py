"""A base brought back to an earlier day does not know what was sent since: nothing that may have
left already leaves again before somebody says so.
"""
