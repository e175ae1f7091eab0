"""What is said around requests: greetings, thanks, yes and no, follow-ups, corrections. One skill that has no tools.

The `follow` intents carry no tool either; the router turns them into a request by looking at the conversation.
"""

from models.offline.skill import Intent, Response, Skill, phrases

AGAIN, SWITCH, CORRECT, YES, SECOND, NO, HELP = "again", "switch", "correct", "yes", "second", "no", "help"
FOLLOW_UPS = frozenset({AGAIN, SWITCH, CORRECT, YES, SECOND, NO})

_ENTITIES = ("{ticker}", "{topic}", "{place}", "{agent}")


def _each(*phrases: str) -> tuple[str, ...]:
    """Each phrase once for every kind of name it may hold in the place of {any}."""
    return tuple(p.replace("{any}", kind) for p in phrases for kind in (_ENTITIES if "{any}" in p else ("",)))


def _named(response: Response, text: str) -> str:
    name = response.get("user_name")
    return text.replace("{,name}", f", {name}" if name else "")


def _greeting(response: Response) -> str:
    return _named(response, "Hello{,name}! What can I do for you: a joke, a stock price, the news?")


def _how_are_you(response: Response) -> str:
    return _named(response, "All agents present and in a good mood, thank you{,name}. What can we do for you?")


def _thanks(response: Response) -> str:
    return _named(response, "You're welcome{,name}.")


def _bye(response: Response) -> str:
    return _named(response, "Goodbye{,name}. Everything we said is kept for next time.")


def _praise(response: Response) -> str:
    return "Glad to hear it. Say *another one* for more, or ask for something else."


def _pity(response: Response) -> str:
    return "Sorry about that. Tell me what you would rather have, and I'll try."


def _identity(response: Response) -> str:
    return (
        "I'm the manager of a small team of agents. Right now the built-in offline model answers: fixed phrases and "
        "word matching, not a language model. Ask *what can you do?* to see what works."
    )


def _help(response: Response) -> str:
    return str(response.get("help") or "I answer short requests; ask me what I can do.")


def _fine(response: Response) -> str:
    return "All right."


SKILL = Skill(
    agent="smalltalk",
    help="",
    acts={
        "mean": phrases("""
            mean | wanted | i wanted | i really wanted | i actually wanted | i actually meant | wrong company
            wrong stock | wrong topic | i asked you for | i was asking about | i was asking for | meant | i mean
            i meant | i was talking about | i said | i was thinking of | make that | make it | change that to
            change it to | i asked for | i asked about | should have been | should be | correction | rather
            scratch that | not that one | i intended | sorry | oops | whoops | wrong one | my mistake
        """),
        "whatabout": phrases("""
            what about | how about | and what about | and how about | what of | same for | the same for | same with
            do the same for | do the same with | likewise for | now do | try | let us try | let us do
            let us go with | let us hear about | next up | do | now for | as for
        """),
        "another": phrases("""
            another | another one | one more | one more time | more | again | once more | more of those
            more of that | more of them | more of these | more like that | more like this | more please
            a different one | different one | next one | the next one | repeat | repeat that | do it again
            say it again | encore | do that again | keep going | keep them coming | go on | a second one
            an other one | give me another | a new one
        """),
    },
    things={
        "one": ("one", "ones", "one of those"),
        "greet": phrases("""
            hi | hello | hey | hiya | howdy | yo | greetings | good morning | good afternoon | good evening
            good day | hi there | hello there | hey there | hello again | hi again | what is up | sup | morning
            evening | welcome back | i am back | hola | hello team | hi team | hi everyone | hello everyone | gday
        """),
        "howareyou": phrases("""
            how are you | how are you doing | how is it going | how are things | how do you do | how have you been
            are you ok | are you well | how is everything | how is life | how is your day | how is your day going
            you good | you ok | what is new with you | how are you feeling | how goes it | nice to meet you
            pleased to meet you
        """),
        "thanks": phrases("""
            thanks | thank you | thanks a lot | thanks so much | many thanks | thank you so much
            thank you very much | much appreciated | appreciated | cheers | thanks a million | thanks a bunch
            i appreciate it | thanks in advance | thank you in advance | that is all | that is all thanks
            that will be all | you are the best | you rock | you are great | you are awesome
        """),
        "bye": phrases("""
            bye | goodbye | good bye | bye bye | see you | see you later | see you soon | see you tomorrow
            good night | farewell | later | talk to you later | talk later | cya | catch you later | i am off
            i have to go | take care | have a nice day | have a good day | have a great day | i am leaving
            until next time | so long | ciao | gotta go | ttyl | signing off | until tomorrow
        """),
        "praise": phrases("""
            nice one | the joke is on you | joke on you | joke is on you | joke on me | you must be joking
            you are joking | no joke | that is no joke | are you joking | you are kidding | are you kidding
            are you kidding me | good one | great one | lol | haha | hahaha | ha | ha ha | lmao | rofl
            that is funny | that was funny | very funny | so funny | that is hilarious | that was hilarious
            that is great | that was great | that is a good one | that was a good one | well done | good job
            great job | nice job | awesome | amazing | excellent | perfect | brilliant | wonderful | fantastic
            love it | i love it | i like it | i like that | i liked that | i love that | i loved that
            that made me laugh | that is interesting | interesting | wow | sweet | good to know | good bot
            you are funny | very good | hilarious | very nice | not bad | helpful | that helps | that is helpful
            impressive | that is cool | that is nice | good answer | that is good | sounds good
        """),
        "pity": phrases("""
            that is bad | that was bad | that is not funny | that was not funny | not funny | boring
            that is boring | that was boring | terrible | awful | that is terrible | that was terrible
            that is awful | i do not like it | i do not like that | i hate that | meh | bad joke | that is wrong
            that was wrong | wrong | you are wrong | that is not right | not what i wanted
            that is not what i asked | that is not what i asked for | that is not what i wanted | ugh | lame
            that is lame | that was lame | not very funny | you are useless | that did not help | not helpful
        """),
        "ok": phrases("""
            ok | okay | k | all right | fine | got it | i see | understood | i understand | makes sense | right
            sure thing | no problem | no worries | noted | fair enough | i get it now | oh i see | cancel that
            no thanks | no thank you | not now | maybe later | leave it | do not bother | not today | not right now
            just kidding | i am kidding | kidding | let it go | i am good | i am fine | do nothing | scratch it
            wait | hold on | one moment | one second | i changed my mind
        """),
        "yes": phrases("""
            yes | yeah | yep | yup | sure | yes please | of course | absolutely | definitely | please do | go ahead
            do it | yea | aye | certainly | why not | sounds good | correct | exactly | that is right | sure why not
            go for it | the first | the first one | first one | the former
        """),
        "second": phrases("""
            the second | the second one | second one | the latter | the other one | number two | option two
            the last one | the second option | the second please
        """),
        "no": phrases("""
            no | nope | nah | not really | neither | none | no i do not | none of them | neither of them
        """),
        "help": phrases("""
            help | what can you do | what can i do | what can i ask | what can i ask you | what do you do
            what can i say | how do you work | how does this work | how does it work | what are you able to do
            what are your skills | what are your abilities | what are your capabilities | what can you help me with
            what can you help with | how can you help | how can you help me | what are my options
            what do you know how to do | instructions | usage | commands | what commands are there | help me
            i need help | can you help me | can you help | what else can you do | what are you good at
            what are you good for | how do i use this | how do i use you | how to use this | show help
            list commands | what features do you have | what agents do you have | which agents do you have
            what agents are there | which agents are there | who is on your team | who is on the team
            what agents are available | which agents are available | list your agents | list the agents
            show the agents | show me the agents | what is this | what is this program | what can this do
            what do your agents do | what can your agents do | what can the agents do | what can the team do
            who are your agents | who are the agents | tell me about your team | tell me what you can do
            show me what you can do | introduce your team | introduce the team | tell me about the agents
            what kinds of things can you do | what sort of things can you do | what things can you do | capabilities
            options | what could you do | what could i ask you | what should i ask | what may i ask
            tell me what i can ask | menu | your agents
        """),
        "identity": phrases("""
            who are you | what are you | what is your name | are you a robot | are you a bot | are you human
            are you a human | are you real | are you an ai | are you ai | introduce yourself
            tell me about yourself | what model are you | which model are you | which model is this
            are you a language model | are you gemini | are you chatgpt | who made you | who built you
            who created you | do you have a name | what should i call you | are you alive | are you a person
            are you intelligent | are you smart | what llm are you | which llm are you | what model is this
            are you an llm | who am i talking to | who am i speaking to | who am i chatting with
        """),
    },
    intents=(
        Intent("greet", ("hi",), _greeting),
        Intent("how_are_you", ("how are you", "hi how are you", "hi nice to meet you"), _how_are_you),
        Intent(
            "thanks", ("thanks", "ok thanks", "nice one thanks", "lol thanks", "thanks bye", "awesome thanks"), _thanks
        ),
        Intent("bye", ("bye", "thanks bye", "ok bye", "thanks see you later"), _bye),
        Intent("praise", ("nice one", "lol", "lol nice one", "haha that is a good one", "haha good one"), _praise),
        Intent("pity", ("boring", "meh that was bad"), _pity),
        Intent("ok", ("ok", "no cancel", "no no thanks"), _fine),
        Intent(HELP, ("help", "hi what can you do", "ok what can you do"), _help),
        Intent("identity", ("who are you", "hi who are you"), _identity),
        Intent(YES, ("yes", "ok yes", "yes {ticker}", "yes {topic}"), _fine),
        Intent(SECOND, ("second one", "ok second one", "yes second one"), _fine),
        Intent(NO, ("no", "no no"), _fine),
        Intent(
            AGAIN,
            phrases("""
            another one | again | another | give me another one | tell me one more | more | do another one
            yes another one | lol another one | thanks another one | i want more | do you have more
            do you have another one | you have another one | nice one another one | ok another one
        """),
        ),
        Intent(
            SWITCH,
            (
                *_each(
                    *phrases("""
            what about {any} | {any} | what about one about {any} | another one about {any} | another one {any}
            one about {any} | now one about {any} | {any} one | more about {any} | another {any} one
            give me one about {any} | tell me one about {any} | ok what about {any}
        """)
                ),
                "what about {query}",
                "another one about {query}",
                "more about {query}",
            ),
        ),
        Intent(
            CORRECT,
            (
                *_each(
                    *phrases("""
            no it is {any} | correction it is {any} | i meant it is {any} | no i meant {any} | i meant {any}
            no {any} | no rather {any} | no make that {any} | sorry {any} | sorry i meant {any} | no one about {any}
            i meant one about {any} | i meant {any} not {any} | i meant {any} instead of {any} | {any} instead
        """)
                ),
                "i meant {query}",
                "no i meant {query}",
                "sorry i meant {query}",
                "i meant one about {query}",
            ),
        ),
    ),
)
