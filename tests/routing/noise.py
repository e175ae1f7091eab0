"""Text in which nobody asks for anything: random words, and ordinary sentences made of swapped clauses.

Both lean on the words that the agents listen for (apple, price, joke, news, stock, java, share ...), in the senses that
are none of their business. The same number and seed give the same text.
"""

import random

from models.offline.skill import wordset

_CUES = sorted(
    wordset("""
    joke jokes price prices news headlines stock stocks share shares watchlist apple amazon java python oracle
    target visa meta intel nike disney physics chemistry biology math recursion database programming quote
    compare add remove explain tell show give agent time watch track market digest article favorite name like
    interested what how my me about
""")
)
_WORDS = sorted(
    wordset("""
    river window lantern garden bread castle morning winter silver whisper mountain letter candle forest bridge
    ocean button carpet doctor engine farmer feather finger flower hammer harbor island jacket kettle ladder
    lemon marble mirror needle onion orange paper pencil pepper pillow planet pocket potato rabbit ribbon saddle
    school shadow shovel spider sugar summer table teacher temple thread thunder ticket timber tomato travel
    tunnel turtle valley velvet violin wagon walnut weather whale wheel willow wonder yellow brave calm clever
    cold curious dark early empty faint fierce gentle golden happy heavy hollow honest hungry idle jolly kind
    lazy loud lucky merry narrow noisy odd plain polite proud quiet rapid rough rusty shy silent simple slow
    smooth soft steep strange sudden sweet tall thin tiny tired warm weary wide wild wise young bake bend borrow
    build carry chase climb count cross dance dig draw dream drift fetch fold gather grow hide hunt jump kneel
    knit laugh learn lift listen mend paint plant polish pour pull push reach rest ride row sail scatter sew
    shout sing sleep slide smile spin stand stir stretch sweep swim throw tie touch trade turn wait wander wash
    weave whistle wrap above across after again almost along already always among around away because before
    behind below beside between beyond but by during each either enough ever every few for from further hardly
    here however if into later less many maybe more most much near never next nor nothing now of often on once
    only or other out over past perhaps quite rather seldom several since so some soon still such than that
    their then there these they this though through thus together too toward under until up very was we were
    when where which while who whose why with within without yet
""")
)

_OPENINGS = (
    "When the rain had stopped at last,",
    "Early on Sunday,",
    "After the harvest,",
    "In the year of the great storm,",
    "Long before the railway came,",
    "As far as anyone could remember,",
    "On the last day of the fair,",
    "By candlelight,",
    "To everyone's surprise,",
    "While the kettle boiled,",
    "Between the two wars,",
    "At the edge of the village,",
    "Without a word,",
    "Late in the evening,",
    "During the long winter,",
    "With a heavy heart,",
    "For most of his life,",
    "Under the old oak,",
    "Once the guests had gone,",
    "In spite of the cold,",
    "",
    "",
    "",
    "",
    "",
)
_SUBJECTS = (
    "my grandmother",
    "the old oracle",
    "a tall man with an apple in his hand",
    "the farmer's youngest son",
    "our neighbor",
    "the captain of the ship",
    "a python as long as a rope",
    "the island of Java",
    "the price of bread",
    "the news of her return",
    "the joke about the bishop",
    "a merchant who dealt in live stock",
    "the teacher of mathematics",
    "the keeper of the watch",
    "a share of the treasure",
    "the target on the hill",
    "the chemistry between the two dancers",
    "the goddess Nike",
    "an Amazon warrior",
    "the recipe for apple pie",
    "the visa in his passport",
    "an article of clothing",
    "the favorite horse",
    "every headline in the evening paper",
    "the stock of the rifle",
    "the database of the library",
    "my cousin from Disney Street",
    "a cup of strong java",
    "the agent of the landlord",
    "a quote from an ancient poet",
    "the physics of a spinning top",
    "the time before breakfast",
    "a list of names",
    "the biology of the marsh",
    "the programme of the concert",
    "the girl next door",
    "the butcher",
    "nobody in the room",
    "a letter without a name",
    "the two brothers",
    "the market square",
    "the intel from the scouts",
    "the uber driver",
    "an old coke bottle",
    "the last train",
    "the mayor",
    "everything she owned",
    "the boeing overhead",
    "he",
    "she",
    "they",
    "I",
    "we",
    "the boys",
    "his sister",
    "the price she paid",
    "the stocks in the village square",
    "the spot by the river",
)
_VERBS = (
    "told a joke that no one understood",
    "lost its meaning over the years",
    "was worth more than gold",
    "came too late for the feast",
    "rose and fell like the tide",
    "slept through the whole story",
    "watched the clouds for hours",
    "shared an apple with the mule",
    "took stock of the empty shelves",
    "read the news aloud in a trembling voice",
    "paid a high price for silence",
    "added a pinch of salt to the soup",
    "removed the lid and looked inside",
    "compared the two paintings at length",
    "explained the rules of the game once more",
    "kept a close watch on the gate",
    "showed me the way to the harbor",
    "gave the stranger some bread",
    "put the lantern on the table",
    "followed the river down to the sea",
    "made everyone laugh",
    "had been a favorite of the queen",
    "asked about the time of the next ferry",
    "wrote a short article on bees",
    "hit the target at the first attempt",
    "sold half of the stock before noon",
    "is known to every child in the valley",
    "was the talk of the town",
    "brought bad news from the front",
    "remembered the name of every flower",
    "drank a glass of apple juice",
    "counted the money twice",
    "could not tell a crow from a raven",
    "never forgot what had been said",
    "will be remembered for a long time",
    "walked home along the canal",
    "has a good sense of humor",
    "knew the price of everything and the value of nothing",
    "likes to tell stories about the sea",
    "used to work for the railway",
    "stood in the doorway",
    "is an island of calm",
    "bought a new watch in the city",
    "tracked the wolf through the snow",
    "quoted a line from an old song",
    "dropped the basket",
    "set the table for two",
    "went to the market to trade eggs",
    "looked up at the stars",
    "forgot the visa at home",
    "studied physics and chemistry in the capital",
    "opened the letter with care",
    "changed the subject",
    "called me a fool",
    "spoke of nothing but the weather",
    "swallowed a whole goat",
    "sent word to the village",
    "wanted to hear the news",
    "needed a joke to break the ice",
)
_ENDINGS = (
    ".",
    ".",
    ".",
    ", and nothing more was heard of it.",
    ", though nobody had asked.",
    " until the bell rang.",
    ", which was a joke in itself.",
    " for the price of a song.",
    " while the others laughed.",
    ", or so the story goes.",
    " and went back to work.",
    " because the news was good.",
    ", as was the custom in those days.",
    " in the shade of an apple tree.",
    "; it was only a matter of time.",
    ", but the market had already closed.",
    " without so much as a thank you.",
    ", like a share of some old debt.",
    " before anyone could add a word.",
    "!",
    ", my friend said.",
    " and told us about it later.",
)
_WHOLE = (
    "The price of fame is that everyone knows your name.",
    "An apple a day keeps the doctor away.",
    "Is apple a fruit or a vegetable?",
    "No news is good news, my mother used to say.",
    "It is no joke to cross the desert on foot.",
    "Time and tide wait for no man.",
    "I read the news about my cousin in a letter.",
    "Java is an island south of Borneo.",
    "What a strange thing the human heart is!",
    "The python is not a venomous snake.",
    "Share and share alike.",
    "Did you ever see such a stormy night?",
    "Laughter is brief.",
    "They put him in the stocks for stealing an apple.",
    "I would rather walk than take the coach.",
    "The joke was on him.",
    "Nothing is certain except death and taxes.",
    "She likes apples more than pears.",
    "Do you remember the summer of the drought?",
    "How far is it to the next village?",
    "I want to go home before the snow comes.",
    "We need more bread and a new lantern.",
    "Keep your eye on the target and breathe.",
    "The stock has to simmer for three hours.",
    "Let us take the road by the river.",
    "What is the use of a book without pictures?",
    "Give my regards to your father.",
    "Tell him that I shall not come.",
    "Show me a man who never erred.",
    "Who could have known that the bridge was gone?",
    "Remember the poor at this time of year.",
    "Call me when the soup is ready.",
    "Add the flour slowly and stir.",
    "Remove the stones before you bake the cherries.",
    "I like the smell of coffee in the morning.",
    "My favorite chair stood by the window.",
    "Compare me not to the gods.",
    "Explain yourself, young man.",
    "Watch your step on the stairs.",
    "Follow the path until you reach the mill.",
    "The news made her cry.",
    "He bought shares in a silver mine and lost them all.",
    "There was bad chemistry in the team.",
)


def salad(count: int, seed: int = 1, shortest: int = 4, longest: int = 12, cues: float = 0.2) -> list[str]:
    """`count` strings of random words, a fifth of them words that the agents listen for.

    Shorter ones are requests by chance ("meta stock some").
    """
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        pick = [dice.choice(_CUES if dice.random() < cues else _WORDS) for _ in range(dice.randint(shortest, longest))]
        made.append(" ".join(pick))
    return made


def prose(count: int, seed: int = 1) -> list[str]:
    """`count` sentences of ordinary prose; some hundred thousand different ones are possible."""
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        if dice.random() < 0.05:
            made.append(dice.choice(_WHOLE))
            continue
        clauses = [f"{dice.choice(_SUBJECTS)} {dice.choice(_VERBS)}"]
        if dice.random() < 0.4:
            clauses.append(f"{dice.choice(_SUBJECTS)} {dice.choice(_VERBS)}")
        told = dice.choice((", and ", ", but ", "; ", " when ")).join(clauses)
        text = f"{dice.choice(_OPENINGS)} {told}{dice.choice(_ENDINGS)}".strip()
        made.append(text[0].upper() + text[1:])
    return made
