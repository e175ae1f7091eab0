"""What agents share and remember: plain SQL, in whatever transaction is at hand.

An entry is one value under a key of a scope. Whoever changes one writes, in the same transaction, one row of its
history and one of the feed. What has expired is not there, for anybody.
"""
