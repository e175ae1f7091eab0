"""How people ask the librarian about what was said and done, and how the record is told."""

from collections.abc import Mapping
from typing import Any

from models.offline.compose import clipped, excerpt, failed, listed, moment, plural, table
from models.offline.skill import Intent, Response, Skill, phrases


def _turn(turn: Mapping[str, Any]) -> str:
    agents = [str(name) for name in turn.get("agents") or ()]
    by = f" *({listed(agents)})*" if agents else ""
    said, answered = clipped(turn.get("user_input"), 80), excerpt(turn.get("agent_response"), 110) or "nothing"
    return f"- {moment(turn.get('when'))}: you said “{said}”, answered: {answered}{by}"


def _matches(response: Response) -> str:
    if error := failed(response):
        return error
    matches = response.get("matches") or ()
    if not matches:
        return f"I find nothing about {response['query']} in your record."
    found = plural(len(matches), "turn")
    head = f"You have talked about {response['query']} before; I find {found}:"
    if response.get("note"):
        head = f"Nothing in your record has all of “{response['query']}”; what comes nearest is {found}:"
    return "\n".join([head, "", *map(_turn, matches)])


def _recent(response: Response) -> str:
    if error := failed(response):
        return error
    turns = response.get("turns") or ()
    if not turns:
        return "Your record is still empty."
    head = "Your latest message:" if len(turns) == 1 else f"Your latest {len(turns)} messages:"
    return "\n".join([head, "", *map(_turn, turns)])


def _deeds(response: Response) -> str:
    if error := failed(response):
        return error
    done = response.get("delegations") or ()
    if not done:
        return "Nothing has been delegated yet."
    rows = []
    for entry in done:
        seconds = "" if entry.get("seconds") is None else f"{float(entry['seconds']):.2f} s"
        rows.append(
            [
                str(entry["agent_name"]),
                clipped(entry.get("task"), 50),
                str(entry.get("status") or ""),
                seconds,
                moment(entry.get("when")),
            ]
        )
    return table(("Agent", "Task", "Status", "Took", "When"), rows)


SKILL = Skill(
    agent="librarian",
    help="your own record: what you said, when, and which agent answered",
    names=phrases("""
        librarian | the librarian | the archivist | archivist | record keeper | the record keeper | library agent
    """),
    acts={
        "search": phrases("""
            search | search for | look through | look in | check | go through | find | search through | look up
            dig through | search in | comb through | scan
        """),
        "askagent": ("ask", "can you ask", "could you ask", "go ask", "please ask"),
        "repeat": ("repeat", "show me again", "remind me of", "replay", "go over"),
    },
    things={
        "record": phrases("""
            my history | history | my record | the record | record | records | past conversations
            our past conversations | old chats | our old chats | earlier conversations | previous conversations
            my past messages | our history | our chats | past chats | chat history | the chat history
            conversation history | my chat history | our chat history | the history | our conversations
            our past chats | the archive | archive | the archives | the log | logs | my logs | transcript
            the transcript | our earlier chats | my old messages | previous chats | our previous chats
            our conversation history | our records | my conversations | message history | my message history
            our previous conversations | past discussions | our past discussions
        """),
        "said": phrases("""
            did we talk about | have we talked about | did i ask about | did i ask you about | have i asked about
            have i asked you about | have i asked | have i ever asked about | did i ever ask about
            did i ever ask you about | did i ask anything about | did i ask for | what did i say about
            what did i tell you about | what did i ask about | what did i ask yesterday about
            what did i say yesterday about | what did i ask earlier about | what did i say earlier about
            what did you say earlier about | what did you say yesterday about | what did we say yesterday about
            what did i ask you about | what did you say about | what did you tell me about | what have i said about
            what have you told me about | what did we say about | what we said about | what i said about
            when did i ask about | when did i last ask about | when did i last ask for | when did i mention
            when did we talk about | when did i last mention | when did we last talk about | when did we discuss
            have i ever mentioned | have i mentioned | did i mention | did i ever mention | did we discuss
            have we discussed | have we ever talked about | have we ever discussed | did we ever talk about
            did we ever discuss | where i talked about | where we talked about | when i asked about
            where i asked about | what did the agents say about | what did you answer about | what was said about
            have i talked about | did i talk about | when was the last time i asked about
            when was the last time we talked about | when did i first ask about | when did i first mention
            what you told me about | what i told you about | what i asked about | what you said about
            have we spoken about | did we speak about | did you tell me about | did you tell me anything about
            have you told me about | did i tell you about | did i say anything about | did i say something about
            have i said anything about | did you say anything about | messages about | conversations about
            what did we discuss about | did we chat about | what have we said about | when i mentioned
            where i mentioned | did we already talk about | did i already ask about | have i already asked about
            have we already talked about | when we talked about | when we discussed | did you mention
            have you mentioned | did you say something about | mentions of | every mention of
            what was i told about | the last time i asked about | the last time we talked about
        """),
        "messages": phrases("""
            messages | message | my messages | turns | turn | my message | my questions | questions | exchanges
            requests | my requests | my question | my last | things i said | things i asked | prompts | my prompts
            most recent turns | commands i gave | the last thing i said | the last thing i asked
            the last thing i asked you | last question | last request | last message | previous message
            recent messages | recent turns | last thing i asked | what did i just ask | what did i just say
            what did i just ask you | what did i just tell you | what did i say last | what did i ask last
            what was the last thing i asked | what was the last thing i said | what was the last thing i asked you
            what was my last message | what was my last question | what were my last messages | what were my last
            what was my previous message | what was my previous question | what did you just say
            what did you just tell me | what did i ask you last | what did i ask before | what did i say before
            what did i ask earlier | what did i say earlier | what was my last request | what was i asking
            what have i asked you | what have i asked you recently | what have i asked recently
            what have i said recently
        """),
        "last": ("last", "previous", "most recent", "past"),
        "before": phrases("""
            before | yesterday | last week | earlier | recently | last time | ever | in the past | previously
            this week | last month | last night | the other day | already | so far | a while ago | earlier today
            last session | in our last session | last time we talked | days ago | a week ago | in this chat
            in this session
        """),
        "deeds": phrases("""
            who did what | which agent did what | which agents did what | who answered | who handled | who worked on
            which agent answered | which agent handled | which agents handled | which agents worked
            which agents answered | which agent worked on | which agents worked on them | which agents worked on
            who has been working | who was working | delegations | delegation | list of delegations
            delegation history | who did you delegate | who did you delegate to | who did you ask
            what did you delegate | which task | which tasks | what has each agent done | what did each agent do
            what have the agents done | what did the agents do | who worked for me | which agents helped
            which agents have helped | who helped me | who answered me | which agents did you use
            which agents have you used | which agent did you use | which agents were involved
            which agents were used | what have the agents been doing | which agents have worked
            what did the agents work on | who has done what | agent activity | task log | delegation log
            who took care of | which agent took care of | which agent told me | which agent gave me | who told me
            who gave me | which agents have i used | which agent did | assignments | handovers
        """),
        "question": phrases("""
            my questions | questions | my request | my requests | my messages | which task | which tasks | you made
            made for me | made | done | you have made | my last question | that question | each task | what task
        """),
    },
    intents=(
        Intent(
            "search_record",
            phrases("""
                did we talk about {query} | did we talk about {query} before | what did i say about {query}
                when did i last ask about {query} | what did i say about {query} yesterday
                have i mentioned {query} before | have i mentioned {query} to you before
                have i mentioned {query} to you | have i talked about {query} with you
                did i ask about {query} before | search my history for {query} | search the record for {query}
                look through our past conversations for {query} | check our old chats for {query}
                check our old chats for the word {query} | find {query} in my history
                find where i talked about {query} | search our chats for {query} | search record about {query}
                ask {agent} what i said about {query} | ask {agent} did we talk about {query}
                ask {agent} to search for {query} | ask {agent} to search record for {query}
                ask {agent} when i asked about {query} | remind me what we said about {query}
                repeat what you told me about {query} | tell me what i said about {query} | is {query} in my history
                is there {query} in my history | show messages about {query} | find messages about {query}
                search messages for {query} | search my messages about {query}
                what does my history say about {query} | find messages where i mentioned {query}
                look up {query} in the record | what does the record say about {query}
                did we ever talk about {query} before you | what is in my history about {query}
            """),
            _matches,
            tool="search_record",
            slots={"query": "query"},
            request=("Search my record for {query}.",),
            label=("what we said about {query}",),
        ),
        Intent(
            "recent_turns",
            phrases("""
                what did i just ask you | show me my last messages | show me my last {number} messages
                what were my last {number} messages | what were my last messages | last {number} messages
                show the last {number} turns | show the most recent turns | repeat my previous {number} messages
                repeat my last message | repeat my last {number} messages | list my last messages | list my messages
                list my last {number} messages | my last messages | show messages | show recent messages
                show my history | show the record | show my record | show the history | what is in my record
                my last {number} questions | give me the last {number} turns | show chat history | list history
                last message | what was my last message | what were the last {number} messages i sent
                what were the last {number} things i asked | show the last messages | what were my previous messages
                ask {agent} for my last messages | ask {agent} for my last {number} messages
                ask {agent} what i said last | what are my last {number} messages | what are my recent messages
                what did i say before | what did i ask earlier
            """),
            _recent,
            tool="recent_turns",
            slots={"limit": "number"},
            optional=("number",),
            request=("Show my last {number} messages.", "Show my last messages."),
            label=("your latest messages",),
        ),
        Intent(
            "who_did_what",
            phrases("""
                who did what | deeds | which agents worked for me | who answered my questions
                who answered my questions so far | which agent handled which task | list the delegations
                list the delegations you made for me | list delegations you made | show delegations
                show me the delegations | what delegations | show me who did what | tell me who did what
                which agents worked on them | who handled my requests | who worked on my questions
                ask {agent} who did what | ask {agent} which agents worked for me | tell me which agents worked
                tell me which agent handled which task | recent delegations | last delegations
                last {number} delegations | show the last {number} delegations | my delegations
                what delegations did you make | list what the agents did | who handled which task
                who answered my last question | who answered it | who told me it | who handled it
            """),
            _deeds,
            tool="who_did_what",
            slots={"limit": "number"},
            optional=("number",),
            request=("List the last {number} delegations.", "List who did what."),
            label=("which agent did what",),
        ),
    ),
)
