"""Plans: what agents work at together, as records."""
