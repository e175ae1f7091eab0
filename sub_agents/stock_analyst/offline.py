"""How people ask the stock analyst, and how quotes, comparisons and the watchlist are told."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.offline.compose import failed, listed, table
from models.offline.skill import Intent, Response, Skill, phrases, vocabulary

TICKERS = vocabulary("""
    AAPL: apple | aapl | apple inc | apple computer | appel | aple
    MSFT: microsoft | msft | micro soft | microsft
    GOOGL: google | googl | goog | alphabet | gogle | googel | alphabet inc
    AMZN: amazon | amzn | amazon com | amazom | amzon
    META: meta | facebook | meta platforms | fb | face book | facebok
    NVDA: nvidia | nvda | nvidea | nividia | invidia | envidia
    TSLA: tesla | tsla | telsa | tesla motors | tesler
    NFLX: netflix | nflx | netflicks | net flix
    AMD: amd | advanced micro devices | advanced micro
    INTC: intel | intc | intell
    ORCL: oracle | orcl
    IBM: ibm | international business machines | big blue
    CRM: salesforce | crm | sales force | salesforce com
    ADBE: adobe | adbe | adobee
    CSCO: cisco | csco | cisco systems | sisco | cysco
    QCOM: qualcomm | qcom | qualcom | qalcomm | qual comm
    AVGO: broadcom | avgo | broadcomm | brodcom
    UBER: uber | ubr | uber technologies
    DIS: disney | DIS | walt disney | disny | the walt disney company
    NKE: nike | nke | nikee
    KO: coca cola | KO | coke | cocacola | cocacolla | coca colla | coka cola | coca-cola company
    PEP: pepsi | PEP | pepsico | pepsi co | pesi
    MCD: mcdonald's | mcd | mcdonalds | mc donalds | mcdonald | macdonalds | mickey d | mcdonalds corp
    SBUX: starbucks | sbux | star bucks | starbuks
    WMT: walmart | wmt | wal mart | wallmart
    JPM: jpmorgan | jpmorgans | jpm | jp morgan | jpmorgan chase | jp morgan chase | j p morgan | jpmorgan chase and co
        jpm chase
    V: visa | V | visa inc
    MA: mastercard | MA | master card | mastercard inc
    BA: boeing | BA | boing | boieng
    SPOT: spotify | SPOT | spotfy | spotifi
""")


def _money(quote: Mapping[str, Any]) -> str:
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(str(quote.get("currency") or "USD"))
    amount = f"{float(quote['price']):,.2f}"
    return f"{sign}{amount}" if sign else f"{amount} {quote['currency']}"


def _percent(value: object) -> str:
    return "n/a" if value is None else f"{float(str(value)):+.2f}%"


def _source(response: Response, quotes: Sequence[Mapping[str, Any]] = ()) -> str:
    source = response.get("source") or next((quote["source"] for quote in quotes if quote.get("source")), "")
    return f"\n\n*{str(source)[:1].upper()}{str(source)[1:]}.*" if source else ""


def _unknown(response: Response) -> str:
    unknown = [str(ticker) for ticker in response.get("unknown") or ()]
    return f"\n\nI have no quote for {listed(unknown, 'or')}." if unknown else ""


def _quote(response: Response) -> str:
    if error := failed(response):
        return error
    change = float(response.get("change_percent") or 0)
    moved = "unchanged" if not change else f"{'up' if change > 0 else 'down'} {abs(change):.2f}%"
    text = f"**{response['name']}** ({response['ticker']}) is at **{_money(response)}**, {moved} on the day."
    if response.get("sparkline"):
        text += f"\n\n`{response['sparkline']}` over the last 60 days"
    return text + _source(response)


def _rows(stocks: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [
        [
            f"{s['name']} ({s['ticker']})",
            _money(s),
            _percent(s.get("change_percent")),
            _percent(s.get("change_60d_percent")),
            f"`{s['sparkline']}`" if s.get("sparkline") else "",
        ]
        for s in stocks
    ]


def _board(stocks: Sequence[Mapping[str, Any]]) -> str:
    """A table of quotes; columns that are empty for all of them are left out."""
    rows = _rows(stocks)
    kept = [at for at in range(5) if at < 3 or any(row[at] not in ("", "n/a") for row in rows)]
    head = ("Stock", "Price", "Day", "60 days", "Trend")
    return table([head[at] for at in kept], [[row[at] for at in kept] for row in rows])


def _comparison(response: Response) -> str:
    if error := failed(response):
        return error
    stocks = list(response.get("stocks") or ())
    if not stocks:
        return f"I have none of these in my quotes.{_unknown(response)}"
    names = {str(s["ticker"]): s for s in stocks}
    text = ""
    best, worst = (names.get(_ticker(response.get(key))) for key in ("best", "worst"))
    if best and worst and best is not worst:
        text = (
            f"**{best['name']}** did best over 60 days ({_percent(best.get('change_60d_percent'))}), "
            f"**{worst['name']}** least well ({_percent(worst.get('change_60d_percent'))}).\n\n"
        )
    return f"{text}{_board(stocks)}{_unknown(response)}{_source(response, stocks)}"


def _ticker(entry: object) -> str:
    return str(entry.get("ticker")) if isinstance(entry, Mapping) else str(entry)


def _watchlist(response: Response) -> str:
    if error := failed(response):
        return error
    stocks = list(response.get("stocks") or ())
    if not stocks:
        return f"Your watchlist is empty. Say *put NVDA on my watchlist* to start one.{_unknown(response)}"
    ups = sum(float(s.get("change_percent") or 0) > 0 for s in stocks)
    downs = sum(float(s.get("change_percent") or 0) < 0 for s in stocks)
    tone = {len(stocks): "all up", 0: "none up"}.get(ups, f"{ups} up, {downs} down")
    head = f"Your watchlist, {tone} on the day:" if len(stocks) > 1 else "Your watchlist:"
    return f"{head}\n\n{_board(stocks)}{_unknown(response)}{_source(response, stocks)}"


SKILL = Skill(
    agent="stock_analyst",
    help="stock prices of 30 well-known companies, comparisons, and how the stocks on your watchlist are doing",
    names=phrases("""
        stock analyst | the stock analyst | stocks agent | stock agent | the stock agent | stock guy | the analyst
        stocks analyst | stock expert | the stock expert | stockanalyst | finance agent | the finance agent
        market analyst
    """),
    vocabularies={"ticker": TICKERS},
    acts={
        "compare": phrases("""
            compare | compared | compares | comparing | contrast | match up | stack up | stacks up | weigh up
            side by side | head to head | compare to | compared to | compared with | compare with | compare against
            pit | put side by side | how does that compare | measure up | fare
        """),
        "askagent": ("ask", "can you ask", "could you ask", "go ask", "please ask"),
    },
    things={
        "price": phrases("""
            price | prices | share price | share prices | stock price | stock prices | stock quote | stock quotes
            share quote | quote | quotes | quotation | current price | going rate | price tag | market price
            stock value | share value | value of | price check | closing price | cost of | price check on
            valuation | px | present quotation | current quotation | last price | ticker price | latest quote
            stock cost | price point | market value | prise
        """),
        "stock": phrases("""
            stock | stocks | share | shares | equity | equities | in the market | on the market
            on the stock market | on wall street | stockwise | as a stock | ticker
        """),
        "trading": phrases("""
            trading at | trading for | trade at | trades at | trades for | going for | selling for | selling at
            sells for | worth | trading | cost | costs | cost me | per share | a share | priced at | valued at
            standing at | worth right now | at right now | sitting at | how much is | how much are | how much does
            how much do | how much for | how much would | how expensive is | at today | listed at | closed at
            close at | trade for | valued | how much | quoted at
        """),
        "doing": phrases("""
            doing | performing | doing on the market | doing in the market | faring | looking | holding up
            getting on | move | moving | moved | perform | performed | up or down | up | down | gone up | gone down
            go up | go down | went up | went down | rising | falling | going up | going down | performance
            performance of | developing | rise | fall | gain | gaining | losing | gained | lost | in the red
            in the green | change | changed | dropped | risen | fallen
        """),
        "versus": phrases("""
            versus | against | or | outperform | outperformed | better than | worse than | beating | outperforming
            ahead of | than | beat
            between
        """),
        "better": phrases("""
            better | worse | ahead | stronger | better stock | worst | ahead of the other | the better stock
            who is ahead | who is winning | winning | doing better | performing better | did better | doing best
            performed better | which is better | which one is better | performing best | up more | higher
            does better | stronger stock | who is doing better | difference | difference in performance
            difference between | comparison | comparision | comparisons
        """),
        "watchlist": phrases("""
            my stocks | my watchlist | my shares | my portfolio | my watch list | my holdings | my watched stocks
            my list of stocks | my tickers | my stock list | my watch-list | stocks i watch | stocks i am watching
            stocks i follow | stocks on my watchlist | the stocks on my watchlist | everything on my watchlist
            the stocks i watch | the stocks i follow | all my stocks | the watchlist | watchlist | watch list
            list of stocks i watch | the list of stocks i watch | my investments | my companies
            companies on my watchlist | my favorite stocks | my picks | my stock watchlist | stock watchlist
            stocks i am following | stocks i am tracking | stocks i track | my tracked stocks | my stock portfolio
        """),
        "summary": phrases("""
            summary | summarize | summary of | rundown | rundown of | overview | overview of | report on | update on
            status of | status | run down | breakdown | breakdown of | snapshot | update | recap | roundup | review
            summarized
        """),
    },
    intents=(
        Intent(
            "quote",
            phrases("""
                price of {ticker} | {ticker} price | what is the price of {ticker} | tell me the price of {ticker}
                price | the stock price | what is the price | {ticker} stock | stock {ticker} | stock price {ticker}
                price of {ticker} stock | stock of {ticker} | how much is {ticker} | how much is {ticker} stock
                how much does {ticker} cost | how much does {ticker} stock cost | what does {ticker} cost
                what does {ticker} stock cost | what does a share of {ticker} cost per share
                what is {ticker} trading at | what is {ticker} stock trading at | {ticker} trading at
                what {ticker} is trading at | how {ticker} is trading | what is {ticker} worth per share
                what is {ticker} stock at | what is {ticker} at | what is {ticker} priced at price
                how is {ticker} doing | how is {ticker} stock doing | how is {ticker} stock
                how is {ticker} looking | how is {ticker} | how are {ticker} doing | is {ticker} up
                is {ticker} stock up | is {ticker} doing | {ticker} doing | how did {ticker} do
                how did {ticker} stock do | has {ticker} stock gone up | has {ticker} gone up
                how did {ticker} move | how did {ticker} stock move | how did {ticker} shares perform
                how did {ticker} perform | did {ticker} go up
                did {ticker} stock go up | did {ticker} shares go up | is {ticker} price up
                has {ticker} price changed | where is {ticker} at | where is {ticker} | where is {ticker} stock
                where is {ticker} trading at | where does {ticker} stock stand | what is it trading at
                how is it doing | how is it trading | what is its price | what is its stock price | how much is it
                how much is it worth | price of it | what is the stock price of it
                any idea what {ticker} is trading at | any idea what {ticker} costs
                do you know the price of {ticker} | give me the {ticker} stock | tell me how {ticker} is doing
                look up {ticker} stock | how are {ticker} shares doing | check {ticker} stock | check {ticker} price
                quote {ticker} | give {ticker} quote | can i get the price of {ticker} stock
                i need price of {ticker} | stock quote for {ticker} | ask {agent} price of {ticker}
                ask {agent} for a quote on {ticker} | ask {agent} about {ticker} stock
                ask {agent} what {ticker} is trading at | ask {agent} how {ticker} is doing
                ask {agent} how much {ticker} costs | how has {ticker} stock been doing
                how has {ticker} been doing | what is {ticker} stock | what is {ticker} stock doing
                what is {ticker} doing | what is {ticker} stock price doing | one share of {ticker}
                how much is one share of {ticker} | after the {ticker} price
                what is happening with {ticker} stock | what is going on with {ticker} stock
            """),
            _quote,
            tool="get_stock_price",
            slots={"ticker": "ticker"},
            request=("What is the stock price of {ticker}?",),
            label=("the stock price of {ticker}",),
        ),
        Intent(
            "compare",
            phrases("""
                compare {ticker} | compare | compare it with {ticker} | compare the two | compare them
                compare both | {ticker} versus {ticker} | versus {ticker} | compare {ticker} versus {ticker}
                how does {ticker} compare to {ticker} | how does it compare to {ticker} | compare stock {ticker}
                compare the stocks of {ticker} | {ticker} stock versus {ticker}
                which is better {ticker} versus {ticker} | which stock is doing better {ticker} versus {ticker}
                which stock is better {ticker} versus {ticker} | which stock did better {ticker} versus {ticker}
                which is doing better {ticker} | which stock did better {ticker} | which is better {ticker}
                who is doing better {ticker} versus {ticker} | is {ticker} doing better versus {ticker}
                is {ticker} better than {ticker} | is {ticker} stock better than {ticker}
                is {ticker} beating {ticker} | is {ticker} stock beating {ticker}
                is {ticker} beating {ticker} lately | is {ticker} stock versus {ticker}
                is {ticker} versus {ticker} | comparison of {ticker} | give me a comparison of {ticker}
                comparison {ticker} versus {ticker} | {ticker} versus {ticker} stock comparison
                {ticker} comparison | compare performance of {ticker} | how does {ticker} stack up against {ticker}
                how does {ticker} compare versus {ticker} stock | put {ticker} side by side
                show {ticker} side by side | show {ticker} compare {ticker}
                {ticker} versus {ticker} which is doing better
                {ticker} versus {ticker} which one is doing better | {ticker} versus {ticker} who is ahead
                {ticker} versus {ticker} which is better
                what is the difference in performance between {ticker} stock | difference between {ticker} stock
                difference between {ticker} | how do {ticker} compare | how do {ticker} stock compare
                has {ticker} done better than {ticker} | has {ticker} stock done better than {ticker}
                ask {agent} to compare {ticker} | how does {ticker} price compare to {ticker}
                compare price of {ticker}
            """),
            _comparison,
            tool="compare_stocks",
            slots={"tickers": "ticker+"},
            request=("Compare the stocks {ticker}.",),
            label=("a comparison of {ticker}",),
        ),
        Intent(
            "portfolio",
            phrases("""
                how are my stocks | how are my stocks doing | how is my watchlist doing | how my stocks are doing
                how did my stocks do | how did my watchlist perform | how is my watchlist
                how are my stocks trading | my stocks | my portfolio | prices of my stocks | my watchlist prices
                price of my stocks | what are my stocks trading at | what are my stocks worth
                quotes for my watchlist | give me quotes for my stocks
                give me a price of everything on my watchlist | summary of my watchlist | summary of my stocks
                give me a summary of my watchlist | give me a rundown of my watchlist | summarize my stocks
                summary of my watchlist prices | watchlist summary | give me watchlist summary | check my stocks
                check on my stocks | update on my stocks | are my stocks up | is my watchlist up
                how much are my stocks worth | performance of my stocks | tell me how my stocks are doing
                compare my stocks | compare the stocks on my watchlist | how have my stocks been doing
                how are the stocks on my watchlist doing | how is my portfolio performing
                show me how my stocks are doing | give me prices for my stocks | stock price of my watchlist
                summarize my watchlist {ticker} | ask {agent} about my stocks | ask {agent} how my stocks are doing
                ask {agent} for a summary of my watchlist | which of my stocks is doing better
                which of my stocks is up | how is my stock doing | what is my watchlist doing
                what is the status of my stocks
            """),
            _watchlist,
            tool="get_watchlist_summary",
            request=("Summarize how the stocks on my watchlist are doing.",),
            label=("how your stocks are doing",),
            repeats=True,
        ),
        Intent(
            "portfolio_then",
            phrases("""
                how are they doing | how do they do | and how are they | what are they trading at
                how are those doing | how are they trading | and their prices | what are they worth
                how are these doing | price of all of them | how are all of them doing | their prices
            """),
            _watchlist,
            tool="get_watchlist_summary",
            request=("Summarize how the stocks on my watchlist are doing.",),
            label=("how your stocks are doing",),
            after=("my_watchlist", "portfolio"),
        ),
    ),
)
