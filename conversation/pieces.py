"""What a conversation imports that takes long, in pieces: who waits for it can stop between two of them."""

PIECES = ("google.genai.types", "google.adk.events", "google.adk.runners", "manager.team", "conversation.conversation")
"""Modules, in the order to import them in."""
