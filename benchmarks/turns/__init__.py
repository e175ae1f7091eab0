"""The same scripted conversation on this program and on others, side by side: `python -m benchmarks.turns`.

One module a system, each run in an environment and a process of its own. `script.py` is the conversation, `child.py`
what a measured process does, `measuring.py` who is measured when, `targets.py` what is promised.
"""
