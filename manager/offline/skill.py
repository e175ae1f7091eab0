"""What people ask the manager itself: to remember, to forget, what it knows of them, the time (told in `wording`)."""

from manager.offline import wording
from manager.offline.places import PLACES
from manager.offline.synonyms import ACTS, THINGS
from models.offline.skill import Intent, Skill, phrases

SKILL = Skill(
    agent="manager",
    help="your watchlist, the jokes you like, your name and interests, what you ask me to remember, what we talked "
    "about, how the agents perform, and the time",
    names=(),
    vocabularies={"place": PLACES},
    acts=ACTS,
    things=THINGS,
    intents=(
        Intent(
            "watch",
            phrases("""
                add {ticker} to my watchlist | add {ticker} | add {ticker} to watchlist | add {ticker} stock
                watchlist add {ticker} | add {ticker} stock to my watchlist | add it to my watchlist | add it
                add to my watchlist | add a stock to my watchlist | add a company to my watchlist
                add both to my watchlist | put {ticker} there
                add {ticker} there instead | i want {ticker} on my watchlist | i want {ticker} add to my watchlist
                i would like {ticker} added to my watchlist | i want to add {ticker} to my watchlist
                i want to add {ticker} | i want to add it to my watchlist | {ticker} should be on my watchlist
                {ticker} on my watchlist | {ticker} to my watchlist | add {ticker} to it | put {ticker} on it
                add {ticker} price to my watchlist
                watch {ticker} stock for me | track {ticker} | track {ticker} on my watchlist
                can i add {ticker} to my watchlist | could i add {ticker} to my watchlist
                remember {ticker} on my watchlist | praise add it to my watchlist | add that one to the watchlist
                add the stock | add this stock | watch it | watch it for me | track it
                i meant add {ticker} to my watchlist | my watchlist needs {ticker}
            """),
            wording.watched,
            tool="add_to_stock_watchlist",
            slots={"ticker": "ticker"},
            label=("{ticker} added to your watchlist",),
            instead="unwatch",
        ),
        Intent(
            "unwatch",
            phrases("""
                remove {ticker} from my watchlist | remove {ticker} | take {ticker} off my watchlist
                take {ticker} off | take off {ticker} | watchlist remove {ticker} | remove {ticker} stock
                remove {ticker} stock from my watchlist | remove it from my watchlist | remove it | take it off
                take it off again | take it off the list | remove a stock from my watchlist
                remove from my watchlist | remove both from my watchlist | remove {ticker} from it
                take {ticker} off it | i want to remove {ticker} from my watchlist
                i want {ticker} removed from my watchlist | i want {ticker} off my watchlist
                i would like {ticker} off my watchlist | {ticker} can come off my watchlist
                {ticker} off my watchlist | remove {ticker} from it | i do not want {ticker} on my watchlist anymore
                i do not want {ticker} anymore | do not watch {ticker} anymore | do not track {ticker} anymore
                do not keep {ticker} on my watchlist anymore | i do not follow {ticker} anymore
                i do not need {ticker} on my watchlist anymore | do not want {ticker} on my watchlist anymore
                remove them | remove them from my watchlist | i no longer want {ticker} on my watchlist
                sorry remove it | remove that | undo remove it | take it back off | stop watching it
                i do not want it on my watchlist anymore | i do not care about {ticker} anymore remove {ticker}
            """),
            wording.unwatched,
            tool="remove_from_stock_watchlist",
            slots={"ticker": "ticker"},
            label=("{ticker} taken off your watchlist",),
            instead="watch",
        ),
        Intent(
            "watch_again",
            phrases("""
            put it back | put it back on my watchlist | ok put it back | no put it back | sorry put it back
            put back {ticker} | put {ticker} back on my watchlist | put back put it back | add again | add it again
        """),
            wording.watched,
            tool="add_to_stock_watchlist",
            slots={"ticker": "ticker"},
            after=("unwatch",),
            instead="unwatch",
        ),
        Intent(
            "like",
            phrases("""
                i like {topic} jokes | remember i like {topic} jokes | remember that i like {topic} jokes
                add {topic} to my joke preferences | add {topic} jokes to my favorites
                add {topic} to the jokes i like | add {topic} jokes to my joke preferences
                {topic} jokes are my favorite | my favorite jokes are {topic} jokes
                my favorite jokes are about {topic} | my favorite joke topic is {topic} | i like jokes about {topic}
                i like jokes on {topic} | {topic} jokes make me laugh | {topic} jokes i like
                save {topic} as a joke preference | save that i like {topic} jokes | i like those remember that
                remember that i like those | i like those jokes | set my joke preference to {topic}
                set joke preferences {topic} | put {topic} on my joke preferences | like it remember
                i want more {topic} jokes in the future | add {topic} jokes | add {topic} to jokes
                add joke topic {topic} | add {topic} as a joke topic | add {topic} joke preference
                remember {topic} jokes | i like it remember that | jokes about {topic} make me laugh
                jokes about {topic} are my favorite | add it to my joke preferences | add {topic} instead
                i like {topic} humor
            """),
            wording.liked,
            tool="add_joke_preference",
            slots={"topic": "topic"},
            label=("{topic} added to the jokes you like",),
            instead="unlike",
        ),
        Intent(
            "unlike",
            phrases("""
                i do not like {topic} jokes anymore | i no longer like {topic} jokes | i do not like {topic} jokes
                i do not enjoy {topic} jokes anymore | remove {topic} from my joke preferences
                remove {topic} jokes from my favorites | remove {topic} jokes
                take {topic} off the list of jokes i like | take {topic} jokes off my preferences
                i am over {topic} jokes | i do not want {topic} jokes anymore
                do not want jokes about {topic} anymore | i do not want jokes about {topic} anymore
                i do not find {topic} jokes funny anymore | {topic} jokes are not my favorite anymore
                {topic} jokes are not my thing anymore | remove them from my joke preferences
                remove {topic} jokes from my joke preferences | remove {topic} from jokes
                do not tell me {topic} jokes anymore | i do not love {topic} jokes anymore
                do not remember i like {topic} jokes anymore | remove it from my joke preferences
                drop them from my favorites | remove {topic} | i do not like jokes about {topic} anymore
                i no longer like jokes about {topic} | remove {topic} from the jokes i like | {topic} jokes can go
                forget that i like {topic} jokes | forget i like {topic} jokes | forget {topic} jokes
                remove joke topic {topic} | i am over {topic} jokes remove them from my favorites
            """),
            wording.disliked,
            tool="remove_joke_preference",
            slots={"topic": "topic"},
            label=("{topic} taken off the jokes you like",),
            instead="like",
        ),
        Intent(
            "name",
            phrases("""
                my name is {name} | my name {name} | call me {name} | hi my name is {name} | i am {name}
                hi i am {name} | change my name to {name} | set my name to {name} | update my name to {name}
                remember my name {name} | remember my name is {name} | remember that my name is {name}
                i want to be called {name} | call me {name} from now on | from now on call me {name}
                from now on i want to be called {name} | no my name is {name} | no call me {name}
                i meant my name is {name} | name is {name} | sorry my name is {name} | i am {name} by the way
                rename me {name} | i am called {name} | my name is {name} from now on | it is {name} my name
                my name would be {name} | change my name | i want to change my name | it is spelled {name}
                use the name {name} | set name to {name}
                set the name to {name} | correct my name to {name} | name {name} | make my name {name}
                please change my name {name} | save my name as {name} | i go by {name}
            """),
            wording.named,
            tool="update_user_preferences",
            slots={"value": "name"},
            fixed={"preference": "user_name"},
            label=("to be called {name}",),
        ),
        Intent(
            "interest",
            phrases("""
                i am interested in {query} | i am into {query} | remember that i am interested in {query}
                note that i am into {query} | {query} is one of my interests
                {query} is one of my interests remember that | add {query} to my interests
                add {query} to my topics of interest | add {query} to my nerd topics | put {query} on my interests
                my interests are {query} | my nerd topics are {query} | i am interested in {query} save that
                i am interested in {query} save as an interest | save {query} as an interest
                save it as an interest | save that as an interest | remember that as an interest
                remember it as an interest | {query} interests me | set my interests to {query}
                set my nerd topics to {query} | remember my interests {query}
                i am interested in {query} remember that | add {query} as an interest
                hi i am interested in {query} | i have an interest in {query} | remember {query} as an interest
                remember my interest in {query}
            """),
            wording.interested,
            tool="update_user_preferences",
            slots={"value": "query"},
            fixed={"preference": "nerd_topics"},
            label=("{query} noted among your interests",),
        ),
        Intent(
            "favorite",
            phrases("""
                my favorite agent is {agent} | {agent} is my favorite agent | {agent} is my favorite
                set my favorite agent to {agent} | set {agent} as my favorite | make {agent} my favorite agent
                make {agent} my favorite | save it as my favorite | set it as my favorite agent
                remember it as my favorite | set my favorite agent | set favorite agent {agent}
                favorite agent {agent} | choose {agent} as my favorite agent | change my favorite agent to {agent}
                i like {agent} best | i like {agent} the most | my favorite is {agent}
                remember my favorite agent is {agent} | remember that {agent} is my favorite agent
                remember {agent} favorite agent | no my favorite agent is {agent} | i prefer {agent}
                of all the agents i like {agent} best | of all the agents i like {agent} best save as my favorite
                i like {agent} best save that | let {agent} be my favorite | let {agent} be my new favorite
                change my favorite agent
                add {agent} as my favorite agent | put {agent} as my favorite agent
                i want {agent} as my favorite agent | i would like {agent} to be my favorite agent
                save {agent} as my favorite | i like {agent}
            """),
            wording.favored,
            tool="set_favorite_agent",
            slots={"agent_name": "agent"},
            label=("{agent} as your favorite agent",),
        ),
        Intent(
            "whoami",
            phrases("""
            who am i | who am i again | tell me who i am | what is my name | my name | hi who am i
            do you remember who i am | do you still know my name | whoami | tell me my name | what is my name again
        """),
            wording.profile,
            tool="get_user_preferences",
        ),
        Intent(
            "aboutme",
            phrases("""
            what do you know about me | my preferences | show my preferences | what are my preferences
            tell me everything you have saved about me | tell me what you know about me | list my preferences
            show me my profile | tell me about me | tell me about me what you know
            what do you know about me so far | what preferences do i have | what preferences have you saved
            tell me what you remember about me | aboutme | list everything you know about me
            show everything you have saved about me | tell me everything you know about me | my saved preferences
            what have i told you about me
        """),
            wording.profile,
            tool="get_user_preferences",
        ),
        Intent(
            "my_watchlist",
            phrases("""
            what is on my watchlist | my watchlist | show my watchlist | list my watchlist | show me the list
            which stocks am i watching | what stocks am i watching | what stocks am i following
            which stocks do i watch | which stocks do i follow | which stocks do i track
            what stocks do i have on my watchlist | which stocks are on my watchlist | what is in my watchlist
            is there anything on my watchlist | is there something on my watchlist | what do i have on my watchlist
            which stocks am i tracking | show me my stocks list | what am i watching | what stocks are on my list
            is {ticker} on my watchlist | do i have {ticker} on my watchlist | am i watching {ticker}
            am i tracking {ticker} | am i following {ticker} | list the stocks on my watchlist
            is {ticker} still on my watchlist | how many stocks are on my watchlist
            how many stocks do i have on my watchlist | how many stocks am i watching
            what does my watchlist look like | what is my watchlist | read my watchlist | who is on my watchlist
            which companies am i following | which companies are on my watchlist | list stocks i am watching
            tell me what is on my watchlist | display my watchlist | view my watchlist | let me see my watchlist
            can i see my watchlist | is my watchlist empty | print watchlist | which tickers are on my watchlist
            which tickers am i watching | read my watchlist back | read the list back
        """),
            wording.watchlist,
            tool="get_user_preferences",
        ),
        Intent(
            "my_jokes",
            phrases("""
            which jokes do i like | what jokes do i like | what kind of jokes do i like
            what kinds of jokes do i like | what joke topics have i told you i like | which joke topics do i like
            my joke preferences | what are my joke preferences | show my joke preferences
            what are my favorite jokes | which joke topics have i saved | list the jokes i like
            what jokes have i told you i like | do you know which jokes i like | what are my favorite joke topics
            tell me which jokes i like | what type of jokes do i like | do you remember which jokes i like
            which jokes are my favorite | list my joke preferences | what do i like to joke about
            what sort of jokes do i like | what are my joke topics | which topics do i like jokes about
            what is my favorite joke topic | do i like {topic} jokes | what jokes do i enjoy
            what jokes do i prefer
        """),
            wording.joke_topics,
            tool="get_user_preferences",
        ),
        Intent(
            "my_favorite",
            phrases("""
            who is my favorite agent | what is my favorite agent | which agent is my favorite
            which agent do i like best | my favorite agent | do you know my favorite agent
            do i have a favorite agent | tell me my favorite agent | show my favorite agent
            which is my favorite agent | which agent do i prefer | do you remember my favorite agent
            which one is my favorite agent | is {agent} my favorite agent | have i set a favorite agent
        """),
            wording.favorite,
            tool="get_user_preferences",
        ),
        Intent(
            "my_interests",
            phrases("""
            what are my interests | my interests | what am i interested in | show my interests
            what topics am i interested in | list my interests | which topics am i interested in
            do you know my interests | do you remember my interests | what are my nerd topics
            which interests have you saved | tell me my interests | what interests do i have
            which interests do i have
        """),
            wording.interests,
            tool="get_user_preferences",
        ),
        Intent(
            "summary",
            phrases("""
            what have we talked about | what have we talked about so far | give me a summary of our conversation
            summary of our conversation | summarize this chat | recap this chat | tell me what we talked about
            how many messages have we exchanged so far | how many messages have we exchanged
            what was the first thing i said | what was the first thing i said to you in this session | talkedabout
            recap what we talked about | recap of what we talked about | summarize what we talked about
            tell me where we left off | summary | recap so far | what did we talk about last time
            what did we talk about yesterday | remind me what we talked about | repeat what we talked about
            summary of what we have discussed so far | can i have a summary of our conversation | give me a recap
            so what have we talked about | give me a recap of our conversation so far
            hi what did we talk about last time | what did we talk about before | how many messages so far
            let us recap our conversation | remember what we talked about | do you remember what we talked about
            do you remember our conversation
        """),
            wording.summary,
            tool="get_conversation_summary",
        ),
        Intent(
            "stats",
            phrases("""
            agent stats | show agent stats | show me agent stats | how are the agents doing
            show me the performance of your agents | which agent is the fastest on average
            which agent is the fastest | give me statistics | what are the agent stats
            give me the agent performance report | stats | performance stats | how have the agents been doing lately
            statistics so far | what is the success rate of the agents | what are the response times
            how fast are the agents on average | what is the success rate of {agent}
            how is {agent} performing agent stats | how fast is {agent} | stats for {agent} | performance of {agent}
            how is {agent} doing | how is {agent} performing | how often have i used {agent} | how many delegations
        """),
            wording.stats,
            tool="get_agent_performance_stats",
        ),
        Intent(
            "time",
            phrases("""
            what time is it | what is the time | time | tell me the time | current time | tell me the current time
            what time is it in {place} | time in {place} | what is the time in {place}
            tell me the current time in {place} | do you have the time | do you know what time it is
            do you know the time | what is the date | date | what day is it | tell me the date
            what is the date in {place} | what day is it in {place} | give me the date and time | time and date
            give me the time in {place} | {place} time | what is the local time in {place} | can i have the time
            show the current time in {place} | what is {place} time | tell me what time it is
            tell me what day it is | what is the date and the time | can you tell me what time it is in {place}
            how late is it | what is the current time in {place} | and in {place} | tell me the day
            what is the date today in {place}
        """),
            wording.clock,
            tool="get_current_time",
            slots={"timezone": "place"},
            optional=("place",),
        ),
        Intent(
            "time_there",
            ("in {place}", "and in {place}", "what about in {place}", "there in {place}"),
            wording.clock,
            tool="get_current_time",
            slots={"timezone": "place"},
            after=("time", "time_there"),
        ),
        Intent(
            "remember",
            (),
            wording.remembered,
            tool="remember_fact",
            slots={"fact": "words"},
            leads=phrases("""
                remember that {clause} | remember this {clause} | remember {own} | keep in mind that {clause}
                keep in mind {own} | note that {clause} | make a note that {clause} | bear in mind that {clause}
                don't forget that {clause} | do not forget that {clause} | don't forget {own} | save that {clause}
                remember the fact that {clause} | i want you to remember that {clause} | write down that {clause}
            """),
        ),
        Intent(
            "recall",
            (),
            wording.recalled,
            tool="recall_fact",
            slots={"query": "words"},
            optional=("words",),
            leads=phrases("""
                what do you know about {words} | what do you remember about {words}
                what do you still know about {words} | what do you still remember about {words}
                tell me what you know about {words}
                tell me what you remember about {words} | do you know anything about {mine}
                do you remember anything about {words} | what have you remembered about {words}
                do you remember where {mine} | do you remember when {mine} | do you remember what {mine}
                do you remember who {mine} | do you remember that {mine} | do you remember {mine}
                what do you remember | what did i ask you to remember | what have i asked you to remember
                what facts do you remember | list what you remember | show what you remember | show me what you remember
                tell me what you remember
            """),
        ),
        Intent(
            "forget",
            (),
            wording.forgotten,
            tool="forget_fact",
            slots={"fact": "words"},
            leads=phrases("""
                forget that {clause} | forget {own} | forget the fact that {clause} | you can forget that {clause}
                forget about {mine} | forget what i told you about {words} | forget what you know about {words}
                forget what you remember about {words}
            """),
        ),
    ),
)
