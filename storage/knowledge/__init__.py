"""What was said, is known and can be done: plain SQL, and the search by words and by meaning."""
