"""More to learn from: requests in other words, wrapped in what people put around them, in pairs, and look-alikes.

The requests come from `templates`, a list for each kind of request; around them go openings, reasons and closings that
ask for nothing. The look-alikes use the same words in questions and statements that are none of the agents' business.
The same number and seed give the same texts.
"""

import random
from collections.abc import Iterator, Sequence

from models.offline.skill import phrases
from tests.routing.templates import LOOK_ALIKES, REQUESTS

NAMES = (
    "Apple",
    "microsoft",
    "NVDA",
    "tesla",
    "Google",
    "disney",
    "IBM",
    "Coca-Cola",
    "Netflix",
    "AMD",
    "uber",
    "Nike",
)
TOPICS = ("python", "java", "javascript", "math", "physics", "chemistry", "biology", "databases", "recursion", "coding")
SUBJECTS = (
    "robots", "climate change", "electric cars", "space", "inflation", "batteries", "privacy", "chess", "solar power",
    "Tesla", "vaccines", "AI", "interest rates", "quantum computers", "football", "the elections", "Netflix", "python",
    "volcanoes", "remote work",
)  # fmt: skip
PEOPLE = ("Ada", "Boris", "Chen", "Dana", "Emeka", "Fritz", "Grete", "Hugo", "Ines", "Jun", "kim", "leo")
AGENTS = ("funny nerd", "librarian", "stock analyst", "news analyst")
PLACES = ("Tokyo", "Berlin", "New York", "London", "Sydney")

_OPENINGS = phrases("""
    please | hey | hi there, | ok so | quick one: | before I forget, | my boss wants to know: | I'm bored,
    for my essay,
    sorry to bother you, but | I was wondering, | when you have a second, | for my presentation tomorrow | lol | hmm,
    could you | can you | would you kindly | I'd like you to | good morning! | since I'm here: | long day. | um,
    my friend asked me about this: | I have a meeting in five minutes, so | let me think... | one thing: | be a dear and
    hope this is the right place, | hello, I'm new here. | after a terrible morning at the office, | sup, | right,
    if it's not too much trouble, | may I ask: | make it quick: | say, | as a tired teacher, | for my homework,
    I need to tell my dad, so | just for the record, | while I wait for the bus, | not sure this works, but
""")
_CLOSINGS = phrases("""
    please | thanks | thank you very much | for my presentation | while my build runs | before lunch
    if you have a minute
    for my boss | , my train leaves soon | today | right now | lol | , would you | if you don't mind
    before the meeting
    so I can impress my colleagues | , that would be great | for a friend | , I'm in a hurry | again | for once | , go
    , if I may ask | because my sister wants to know | for my kids | to cheer me up | pretty please | when you can
    , I've got a long flight ahead | and be quick | for the newsletter | ?? | , cheers | , it's for work | . Thanks!
    , I have been waiting all day | or something | , will you | for my column | , if that's possible | and that's all
""")
_SEAMS = (" and ", ", ", ". ", ", then ", " and also ", " plus ", "; ", " as well as ", " and then ", "! ")


def requests(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """(text, kind) of single requests: each template once plain, then `count` of them with something around."""
    dice = random.Random(seed)
    listed = [(template, kind) for kind, templates in REQUESTS.items() for template in templates]
    for template, kind in listed:
        yield _filled(template, dice), kind
    for _ in range(count):
        template, kind = dice.choice(listed)
        yield wrapped(_filled(template, dice), dice), kind


def pairs(singles: Sequence[str], count: int, seed: int = 1) -> Iterator[str]:
    """Messages that ask for two or three things at once."""
    dice = random.Random(seed)
    for _ in range(count):
        text = dice.choice(singles).rstrip(".?! ")
        for _ in range(dice.choice((1, 1, 2))):
            other = dice.choice(singles).rstrip(".?! ")
            text += dice.choice(_SEAMS) + other
        yield text


def look_alikes(seed: int = 1) -> Iterator[str]:
    """Each look-alike plain, and once with something around."""
    dice = random.Random(seed)
    for template in LOOK_ALIKES:
        yield _filled(template, dice)
        yield wrapped(_filled(template, dice), dice)


def wrapped(text: str, dice: random.Random) -> str:
    """`text` with an opening, a closing or both."""
    how = dice.random()
    if how < 0.65:
        text = f"{dice.choice(_OPENINGS)} {text}"
    if how > 0.35:
        closing = dice.choice(_CLOSINGS)
        text = f"{text}{'' if closing[0] in ',.?' else ' '}{closing}"
    return text


def misspelt(text: str, dice: random.Random) -> str:
    """`text` with one or two of its words misspelt."""
    words = text.split()
    for _ in range(dice.choice((1, 2))):
        at = dice.randrange(len(words))
        word = words[at]
        if len(word) > 3 and word.isalpha():
            cut = dice.randrange(1, len(word) - 1)
            changed = (word[:cut] + word[cut + 1 :], word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :])
            words[at] = dice.choice(changed)
    return " ".join(words)


def _filled(template: str, dice: random.Random) -> str:
    first, second = dice.sample(NAMES, 2)
    return template.format(
        ticker=first,
        ticker2=second,
        company=first,
        topic=dice.choice(TOPICS),
        query=dice.choice(SUBJECTS),
        name=dice.choice(PEOPLE),
        agent=dice.choice(AGENTS),
        place=dice.choice(PLACES),
    )
