"""Working memory: what the agents of one plan put together."""
