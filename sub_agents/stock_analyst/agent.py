"""The stock analyst as a member of the team, with the provider that the settings choose."""

from dataclasses import replace

from settings import DATA, Settings
from state_tools.kinds import STOCK_WATCHLIST, Suggestion
from state_tools.preferences import add_to_stock_watchlist, remove_from_stock_watchlist
from state_tools.tool import StateTool
from sub_agents.member import Member
from sub_agents.stock_analyst.offline import SKILL
from sub_agents.stock_analyst.providers import QuoteProvider, SampleProvider
from sub_agents.stock_analyst.tools import StockTools
from sub_agents.stock_analyst.yahoo import YahooProvider

NAME = "stock_analyst"
DESCRIPTION = (
    "Gives stock prices, changes, comparisons of several stocks and a summary of the person's own watchlist, with the "
    "source and date of every figure. Does not change the watchlist and gives no investment advice."
)
STATE_TOOLS = (
    StateTool(add_to_stock_watchlist, "{ticker} was put on your watchlist", STOCK_WATCHLIST),
    StateTool(remove_from_stock_watchlist, "{ticker} was taken off your watchlist", STOCK_WATCHLIST),
)
INSTRUCTION = """\
You are stock_analyst, who reports stock prices.

- Every figure comes from a tool. Never state a price, a change or a date from memory, and never estimate one.
- One stock: get_stock_price. Several: one call of compare_stocks. "My stocks" or "my watchlist": get_watchlist_summary.
- Answer briefly in Markdown. One stock: one sentence with price, change and the sparkline. Several: a table with the
  columns Stock, Price, Change, 60 days (the change over 60 days and the sparkline), then a sentence on best and worst.
- Always end with the source exactly as the tool gave it; say plainly when it is sample data.
- When a symbol is unknown or a tool answers with an error, pass on what it says with the symbols it suggests.
- Give no advice to buy or sell.
"""


def quote_provider(settings: Settings, sample: SampleProvider) -> QuoteProvider:
    """The provider that `settings.stock_provider` names; the sample's companies are known by name to both."""
    return YahooProvider(sample.directory) if settings.stock_provider == "yfinance" else sample


def member(settings: Settings) -> Member:
    """The stock analyst with the provider of `settings`."""
    sample = SampleProvider.load(DATA / "stocks.json")
    known = tuple(Suggestion(company.ticker, company.name) for company in sample.directory.companies)
    tools = StockTools(quote_provider(settings, sample))
    return Member(
        name=NAME,
        description=DESCRIPTION,
        instruction=INSTRUCTION,
        tools=(tools.get_stock_price, tools.compare_stocks, tools.get_watchlist_summary),
        skill=SKILL,
        state_tools=STATE_TOOLS,
        preferences=(replace(STOCK_WATCHLIST, suggestions=known),),
    )
