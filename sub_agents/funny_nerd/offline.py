"""How people ask the funny nerd, and how its tools' results are told."""

from models.offline.compose import failed, listed, plural
from models.offline.skill import Intent, Response, Skill, phrases, vocabulary

TOPICS = vocabulary("""
    python: python | pythonic | cpython | pyton | phyton
    javascript: javascript | js | javasript | javscript | java script | node js | nodejs | node.js | typescript
        ecmascript
    java: java | jvm
    programming: programming | coding | programmer | programmers | coder | coders | software | developers
        developer | software engineering | software development | software engineers | debugging | bugs
        computer science | computers | computer programming | code
    databases: databases | database | sql | db | dbs | nosql | postgres | postgresql | mysql | sqlite
        database design | relational databases | data bases | data base
    recursion: recursion | recursive functions | recursive function | recursive
    math: math | maths | mathmatics | mathematics | mathematical | calculus | algebra | geometry | arithmetic
        trigonometry | mathematicians | mathematician | pi | number theory
    physics: physics | fisics | phisics | physix | quantum physics | quantum mechanics | relativity | physicists
        physicist
        thermodynamics | schrodinger
    chemistry: chemistry | chem | kemistry | chemical | chemicals | chemist | chemists | periodic table
        organic chemistry
    biology: biology | bio | biologist | biologists | genetics | dna | botany | evolution | cell biology | zoology
""")


def _joke(response: Response) -> str:
    if error := failed(response):
        return error
    told = str(response["joke"])
    if response.get("restarted"):
        told += f"\n\n*(That was all I had on {response['topic']}, so I started over.)*"
    elif response.get("remaining") == 0:
        told += f"\n\n*(That was my last fresh one on {response['topic']}.)*"
    return told


def _explained(response: Response) -> str:
    if error := failed(response):
        return error
    return f"> {str(response['joke']).replace(chr(10), chr(10) + '> ')}\n\n{response['explanation']}"


def _topics(response: Response) -> str:
    if error := failed(response):
        return error
    topics = [f"{entry['topic']} ({plural(int(entry['jokes']), 'joke')})" for entry in response["topics"]]
    return f"I have jokes on {plural(len(topics), 'topic')}: {listed(topics)}."


SKILL = Skill(
    agent="funny_nerd",
    help="jokes about python, javascript, java, programming, databases, recursion, math, physics, chemistry and "
    "biology, and what is funny about them",
    names=phrases("""
        funny nerd | funny nerds | the funny nerd | funnynerd | joke agent | the joke agent | the nerd | nerd agent
        the comedian | joke teller | the joke teller | the jokes agent | jokes agent
    """),
    vocabularies={"topic": TOPICS},
    acts={
        "explain": phrases("""
            explain | explain it | explain that | explain it to me | explain that to me | explain me | break down
            clarify | walk me through | spell out | what is funny about | what is so funny about | why is it funny
            why is that funny | why is that so funny | why is this funny | why was that funny | why is it so funny
            why was it funny | what is so funny | what is funny | why funny | i do not get | i did not get
            do not get | did not get | i do not understand | i did not understand | do not understand
            did not understand | what does it mean | what does that mean | what is supposed to be funny
            i am not getting | why should that be funny | how is that funny | how is it funny
            what makes that funny | what makes it funny | what is the meaning of | meaning of | i am lost
            that went over my head | went over my head | why would that be funny | what does the
            what is that supposed to mean | supposed to mean | explanation | explanation of | explanation for
            what did that mean | please explain | can you explain | could you explain | why is this so funny
            i still do not get | i do not see what is funny about | care to explain | explain why it is funny
            explain why that is funny
        """),
        "crack": phrases("""
            crack | crack me | cheer up | cheer me up with | cheer us up with | make me laugh with
            make me smile with | brighten my day with | amuse me | entertain me with | make my day with
            lighten the mood with
        """),
        "askagent": ("ask", "can you ask", "could you ask", "go ask", "please ask"),
    },
    things={
        "joke": phrases("""
            joke | jokes | pun | puns | gag | gags | one liner | one liners | wisecrack | wisecracks | knock knock
            funny one | funny ones | jest | humor | humour | something funny | anything funny | something humorous
            something hilarious | something amusing | dad joke | dad jokes | knock knock joke | nerd joke
            nerd jokes | geek joke | geek jokes | funniest joke | bit of humor | some humor | quip | quips
            joke of the day | a laugh | a good laugh | a good one about | joek
        """),
        "laugh": phrases("""
            make me laugh | make us laugh | i could use a laugh | i could use a good laugh | i need a laugh
            i need a good laugh | i want to laugh | give me a laugh | crack me up | amuse me | entertain me
            cheer me up | make me smile | make me chuckle | be funny | say something funny | tell me something funny
            i could use a chuckle | i could use a smile | make me giggle | i could really use a laugh
            i really need a laugh | brighten my day | lighten the mood | give us a laugh | i feel like laughing
            lift my spirits | i could use some cheering up | i need cheering up | humor me
            i could really use a smile | i could use some humor | i could use a joke
        """),
        "topics": phrases("""
            topics | topic | subjects | subject | categories | category | themes | areas | kinds of | types of
            sorts of | kind of | sort of | type of
        """),
    },
    intents=(
        Intent(
            "joke",
            phrases("""
                joke | tell me a joke | what is your joke | how about a joke | how about one joke | tell me one joke
                crack a joke | joke joke | joke about {topic} | {topic} joke | tell me a joke about {topic}
                tell me a {topic} joke | tell {topic} joke about {topic} | what is your joke about {topic}
                how about a {topic} joke | crack a {topic} joke | crack a joke about {topic} | one {topic} joke
                make me laugh | make me laugh about {topic} | make me laugh {topic} joke | make me laugh with a joke
                another joke | give me another joke | another joke about {topic} | another {topic} joke
                tell me another {topic} joke | {agent} joke | ask {agent} joke
                ask {agent} for a joke about {topic} | ask {agent} {topic} joke | have {agent} tell joke
                have {agent} give something about {topic} | ask {agent} to make me laugh
                do you have a joke about {topic} | what joke do you have about {topic}
                what {topic} joke do you have | i joke | know joke | joke i | your joke | tell me your joke
                tell me your {topic} joke | mind telling me a joke | mind telling me a {topic} joke
                mind telling me a joke about {topic} | surprise me with a joke
                another one about {topic} joke | one joke please | joke time | which joke do you have about {topic}
                are you able to joke about {topic} | got a joke on {topic} for me
            """),
            _joke,
            tool="get_nerd_joke",
            slots={"topic": "topic"},
            optional=("topic",),
            request=("Tell me a joke about {topic}.", "Tell me a joke."),
            label=("a joke about {topic}", "a joke"),
            repeats=True,
        ),
        Intent(
            "explain_joke",
            phrases("""
                explain the joke | explain joke | why is that joke funny | why is the joke funny
                what is funny about that joke | what does the joke mean | explain your joke | explain that last joke
                explain the last joke you told me | explain the previous joke | explain last joke
                i do not get the joke | i do not get that joke | i do not get your joke | joke i do not get
                what is the joke supposed to mean | i do not understand the joke | what is the point of the joke
                give me an explanation of the joke | why is that joke supposed to be funny
                explain the {topic} joke | i do not get the {topic} joke | ask {agent} to explain the joke
                ask {agent} to explain last joke
            """),
            _explained,
            tool="explain_joke",
            request=("Explain the last joke you told me.",),
            label=("the last joke explained",),
        ),
        Intent(
            "explain_that",
            phrases("""
                why is that funny | why is that | why | explain | i do not get it | i do not get it explain
                i do not get it why is that funny | explain it | explain why that is funny | what is the joke
                where is the joke | lol explain | lol i do not get it | lol why is that funny | ok explain | meaning
                why is that funny i do not get it | i do not get that one | explain that one | explain please why
                explain the joke | what is the point | sorry i do not get it
            """),
            _explained,
            tool="explain_joke",
            request=("Explain the last joke you told me.",),
            label=("the last joke explained",),
            after=("joke", "explain_joke", "explain_that"),
        ),
        Intent(
            "one",
            phrases("""
                tell me one | give me one | tell me one please | let me hear one | can i have one | do you have one
                one | and one | tell me one of those | tell me one of them
            """),
            _joke,
            tool="get_nerd_joke",
            slots={"topic": "topic"},
            optional=("topic",),
            request=("Tell me a joke about {topic}.", "Tell me a joke."),
            after=("like", "topics", "my_jokes"),
            repeats=True,
        ),
        Intent(
            "topics",
            phrases("""
                which joke topics do you have | what joke topics do you have | which topics do you have jokes about
                what topics do you have jokes on | list joke topics | list the joke topics | joke topics
                what kinds of jokes do you have | what kinds of jokes do you know | what can you joke about
                what do you have jokes about | what topics can you joke about | which topics do you know jokes about
                what jokes do you have | what jokes do you know | which jokes do you have
                what are your joke topics | what topics of jokes are there | which joke topics are there
                what types of jokes can you tell | what are the joke topics | ask {agent} which topics
                ask {agent} for joke topics | which topics do jokes cover | show joke topics
            """),
            _topics,
            tool="list_joke_topics",
            request=("List the joke topics.",),
            label=("the list of joke topics",),
        ),
    ),
)
