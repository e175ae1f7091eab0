"""The root agent. ADK's tools look for `agent` here."""
