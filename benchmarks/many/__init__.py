"""Many conversations at once, in this program and in others, side by side: `python -m benchmarks.many`.

The conversation is that of `benchmarks.turns`, and so are the environments. One module a system opens it for any number
of sessions; `child.py` is what a measured process does, `carrying.py` starts one or several on one database and looks
afterwards at what that holds, `figures.py` makes a line of a table of it.
"""
