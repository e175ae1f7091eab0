"""How the manager tells what its own tools returned: preferences, what we talked about, agent statistics, the time."""

from collections.abc import Mapping
from datetime import datetime

from models.offline.compose import clipped, excerpt, failed, listed, plural, table
from models.offline.skill import Response

_FACT = 400
"""Characters of a fact that are shown."""


def _preferences(response: Response) -> Mapping[str, object]:
    found = response.get("preferences")
    return found if isinstance(found, Mapping) else {}


def _values(response: Response, kind: str) -> list[str]:
    found = _preferences(response).get(kind)
    return [str(value) for value in found] if isinstance(found, list | tuple) else [str(found)] if found else []


def _agent(name: object) -> str:
    return str(name).replace("_", " ")


def profile(response: Response) -> str:
    """All that is noted about the person."""
    if error := failed(response):
        return error
    name = response.get("user_name")
    known = []
    if stocks := _values(response, "stock_watchlist"):
        known.append(f"- on your watchlist: {listed(stocks)}")
    if topics := _values(response, "joke_preferences"):
        known.append(f"- you like jokes about {listed(topics)}")
    if interests := _values(response, "nerd_topics"):
        known.append(f"- you are interested in {listed(interests)}")
    if favorite := _values(response, "favorite_agent"):
        known.append(f"- your favorite agent is the {_agent(favorite[0])}")
    if facts := int(response.get("facts") or 0):
        known.append(f"- {plural(facts, 'fact')} that you told me to remember: ask *what do you remember?*")
    if not name and not known:
        return (
            "I know nothing about you yet. Say *my name is ...*, *I like python jokes* or *put NVDA on my watchlist*."
        )
    head = f"You are {name}." if name else "I don't know your name yet (say *my name is ...*)."
    return "\n".join([f"{head} What I have noted:", "", *known]) if known else f"{head} I have noted nothing else yet."


def watchlist(response: Response) -> str:
    """The watched tickers."""
    if error := failed(response):
        return error
    stocks = _values(response, "stock_watchlist")
    if not stocks:
        return "Your watchlist is empty. Say *put NVDA on my watchlist* to start one."
    return f"{plural(len(stocks), 'stock').capitalize()} on your watchlist: {listed(stocks)}."


def joke_topics(response: Response) -> str:
    """The joke topics the person likes."""
    if error := failed(response):
        return error
    topics = _values(response, "joke_preferences")
    return (
        f"You like jokes about {listed(topics)}."
        if topics
        else "You haven't told me which jokes you like. Say *I like python jokes*."
    )


def favorite(response: Response) -> str:
    """The favorite agent."""
    if error := failed(response):
        return error
    favorite = _values(response, "favorite_agent")
    return (
        f"Your favorite agent is the {_agent(favorite[0])}." if favorite else "You haven't named a favorite agent yet."
    )


def interests(response: Response) -> str:
    """The topics of interest."""
    if error := failed(response):
        return error
    interests = _values(response, "nerd_topics")
    return f"You are interested in {listed(interests)}." if interests else "You haven't told me your interests yet."


def watched(response: Response) -> str:
    """A ticker was put on the watchlist."""
    if error := failed(response):
        return error
    stocks = [str(stock) for stock in response.get("stock_watchlist") or ()]
    if not response.get("added", True):
        return f"{response['ticker']} is on your watchlist already."
    rest = f" It now holds {listed(stocks)}." if len(stocks) > 1 else ""
    return f"{response['ticker']} is on your watchlist now.{rest}"


def unwatched(response: Response) -> str:
    """A ticker was taken off the watchlist."""
    if error := failed(response):
        return error
    if not response.get("removed", True):
        return f"{response['ticker']} was not on your watchlist."
    stocks = [str(stock) for stock in response.get("stock_watchlist") or ()]
    return f"{response['ticker']} is off your watchlist. " + (
        f"Still on it: {listed(stocks)}." if stocks else "It is empty now."
    )


def liked(response: Response) -> str:
    """A joke topic was noted."""
    if error := failed(response):
        return error
    if not response.get("added", True):
        return f"I know that you like {response['topic']} jokes."
    return f"Noted: you like {response['topic']} jokes."


def disliked(response: Response) -> str:
    """A joke topic was dropped."""
    if error := failed(response):
        return error
    if not response.get("removed", True):
        return f"{str(response['topic']).capitalize()} was not among the jokes you like."
    return f"I took {response['topic']} off the jokes you like."


def named(response: Response) -> str:
    """A name was noted."""
    return (
        failed(response) or f"I'll call you {response.get('value') or response.get('user_name') or 'that'} from now on."
    )


def interested(response: Response) -> str:
    """An interest was noted."""
    value = response.get("value")
    return failed(response) or (f"Noted: you are interested in {value}." if value else "Noted among your interests.")


def favored(response: Response) -> str:
    """A favorite agent was noted."""
    return failed(response) or f"The {_agent(response['favorite_agent'])} is your favorite agent now."


def summary(response: Response) -> str:
    """What was talked about."""
    if error := failed(response):
        return error
    turns = int(response.get("session_turns") or 0)
    recent = response.get("recent") or ()
    if not turns and not recent:
        return "We have only just begun: there is nothing to sum up yet."
    parts = [f"We have exchanged {plural(turns, 'message')} in this session."]
    if agents := response.get("agents"):
        parts.append(
            f"I asked {listed([f'the {_agent(name)} {_times(int(count))}' for name, count in agents.items()])}."
        )
    if first := response.get("first_message"):
        parts.append(f"It began with “{clipped(first, 80)}”.")
    lines = [
        f"- “{clipped(t.get('user_input'), 70)}”: {excerpt(t.get('agent_response')) or t.get('status')}"
        for t in recent
        if t.get("user_input")
    ]
    return " ".join(parts) + ("\n\nMost recently:\n\n" + "\n".join(lines) if lines else "")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def stats(response: Response) -> str:
    """How the agents performed, as a table."""
    if error := failed(response):
        return error
    rows = []
    for entry in response.get("agents") or ():
        median, slow = (
            ("n/a" if entry.get(k) is None else f"{float(entry[k]):.2f} s") for k in ("median_seconds", "p95_seconds")
        )
        rate = "n/a" if entry.get("success_rate") is None else f"{_share(float(entry['success_rate'])):.0f}%"
        rows.append([_agent(entry["agent_name"]), str(entry["delegations"]), rate, median, slow])
    return (
        table(("Agent", "Delegations", "Succeeded", "Median", "95th percentile"), rows)
        if rows
        else "No agent has been asked anything yet."
    )


def _share(rate: float) -> float:
    """A success rate in percent, whether it came as 0..1 or 0..100."""
    return rate * 100 if rate <= 1 else rate


def remembered(response: Response) -> str:
    """A fact was remembered."""
    if error := failed(response):
        return error
    fact = clipped(response["fact"], _FACT)
    return f"I'll remember: “{fact}”." if response.get("added", True) else f"I know that already: “{fact}”."


def recalled(response: Response) -> str:
    """What is remembered."""
    if error := failed(response):
        return error
    found = response.get("facts") or ()
    said = [each for each in found if each.get("found_by") != "meaning"]
    facts = [f"“{clipped(each.get('fact'), _FACT)}”" for each in said or found]
    about = f" about {clipped(response['query'], 80)}" if response.get("query") else ""
    if not facts:
        return f"You have told me nothing to remember{about}. Say *remember that ...*, and I will."
    if said and len(facts) == 1:
        return f"You told me: {facts[0]}."
    head = "You told me:" if said else f"You have told me nothing with these words{about}. Perhaps you mean:"
    return "\n".join([head, "", *(f"- {fact}" for fact in facts)])


def forgotten(response: Response) -> str:
    """A fact was forgotten, or it is not clear which."""
    if error := failed(response):
        return error
    if gone := response.get("forgotten"):
        return f"I have forgotten: “{clipped(gone[0], _FACT)}”. This chat's record still has what was said of it."
    fitting = [f"- “{clipped(each, _FACT)}”" for each in response.get("fitting") or ()]
    if not fitting:
        return "I remember nothing of that. *What do you remember?* lists what I do."
    return "\n".join(["Several things fit, so I have forgotten none. Name one in full:", "", *fitting])


def clock(response: Response) -> str:
    """The date and time."""
    if error := failed(response):
        return error
    zone = str(response.get("timezone") or "UTC")
    where = f" ({zone.replace('_', ' ')})"
    try:
        when = datetime.fromisoformat(str(response.get("iso")))
    except ValueError:
        return f"It is {response.get('readable')}{where}."
    return f"It is {when:%H:%M} on {when:%A}, {when.day} {when:%B %Y}{where}."
