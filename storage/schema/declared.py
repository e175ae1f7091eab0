"""All tables of ours in one place: who asks for every one of them gets those of every module."""

from storage.schema import memory, tables

metadata = tables.metadata
MODULES = (tables, memory)
"""Where they are declared; to import a module is to declare its tables."""
