"""The store of memory beside bare statements, and beside other stores: `python -m benchmarks.memory`.

Two questions. What does a call cost over the one statement that it cannot do without: `calls.py` measures in one
process, on a store of many entries, against `bare.py`. How many increments of one number do several processes make, and
is each of them kept: `counting.py` starts them, `child.py` is what each does, and one module a system opens its store.
"""
