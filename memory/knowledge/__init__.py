"""Episodic, semantic and procedural memory: what is found by what it is about."""
