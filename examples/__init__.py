"""Runnable examples, one folder each: `python -m examples.FOLDER.MODULE`, from the folder of the project."""
