"""The judge: the real program is killed at random moments, and what it promised is looked for afterwards.

A record is one database in a folder of its own, in which some kills follow each other. In each, one phase of the
program's life is begun (`phases.py`), while other processes come and go on the same file (`neighbours.py`), and one
process gets SIGKILL; then the database is read by a bare connection (`checks.py`, `derive.py`) and by the program
itself (`usable.py`). What must hold is what a person has seen (`seen.py`): a turn that was shown is there.

Everything that is drawn is drawn from the seed and the record's number, so that `--seed S --record N` does the same
again, as far as a machine's timing allows. `broken.py` starts the program with one thing broken on purpose: a judge
that finds nothing then is none.

How to add a phase: write a function in `chats.py`, `commands.py` or `openings.py` that takes the `Stage`, starts the
program on `stage.file`, kills it with `stage.strike` (or a chat with `stage.kill_chat`), adds what was shown to
`stage.book`, and returns what must hold beside what always must: a function from an open connection to sentences about
what is wrong. Name there what may be gone afterwards (`stage.may_vanish`, `stage.may_be_undone`), and put the function
into `PHASES` in `phases.py`. A new neighbour is a line in `neighbours.py`; what must always hold is a function in
`checks.py`, in its list `ALWAYS`.
"""
