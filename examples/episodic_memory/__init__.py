"""Episodic memory: what was said between a user and an agent."""
