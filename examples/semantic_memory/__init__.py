"""Semantic memory: what is known, by a user alone or by all of a tenant."""
