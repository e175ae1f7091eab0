"""What may be said to the team that is shipped: for a first try, and for the demo. It loads nothing."""

FIRST = ("Tell me a joke about Python", "What's the price of AAPL and any tech news?", "Put NVDA on my watchlist")
"""To begin with."""
EXCHANGES = (
    "My name is Ada and I like python jokes",
    "Tell me a joke",
    "Put NVDA on my watchlist",
    "What's the price of AAPL, and any tech news?",
)
"""A short conversation in which every kind of thing happens."""
AFTERWARDS = "What have we talked about?"
"""What only the record can answer."""
