"""The English that every request is wrapped in: how people ask, greet, thank, refuse and tell stories. Data only.

Each table maps a concept to the phrases that mean it. What an agent is asked *about* is not here but in its own skill.
"""

from collections.abc import Mapping

from models.offline.skill import phrases, wordset

Table = Mapping[str, tuple[str, ...]]


DROPPED = phrases("""
    please | kindly | just | really | actually | basically | simply | quickly | real quick | quick | maybe
    perhaps | so like | um so like | then | so | well
    a | an | the | some | such | very | pretty | quite | bit of | a bit of | couple of | a couple of | few | a few
    bunch of | kind of | sort of
    me | us | for me | to me | for us | with me | with us | myself
    could you | can you | would you | will you | can not you | could not you | will not you | would not you
    why do not you
    could you please | can you please | would you please | please could you | please can you | would you kindly
    could you maybe
    would you mind | do you mind | would it be possible to | is it possible to | could it be possible to
    will it be possible to
    if you do not mind | if possible | if you can | if you could | if you would | if you please | if that is ok
    if it is ok | if it is not too much trouble
    i was wondering if you could | possibly | hope you are well | i hope you are well | hope you are doing well
    hope all is well | i was just wondering | just wondering | i wonder if you could | i was wondering if you can
    i am wondering if you could | i was wondering
    it would be great if you could | it would be nice if you could | i would be grateful if you could
    i would appreciate it if you could
    would you be so kind as to | be so kind as to | would you be able to | are you able to | could i ask you to
    may i ask you to | can i ask you to
    do you think you could | do you think you can | any chance you could | any chance you can
    is there any chance you could | i need you to | i want you to | i would like you to
    go ahead and | feel free to | make sure to | make sure you | be sure to | do not forget to | remember to
    please do | i was hoping you could
    i am curious | just curious | quick question | one question | a question | i have a question
    i would appreciate | excuse me
    right now | now | today | currently | at the moment | these days | nowadays | at present | this morning
    this afternoon | this evening | tonight | right away | asap | immediately | as of now | so far today
    as well | too | also | while you are at it | on top of that | in addition | next | first | second | finally
    afterwards | after that | lastly
    hey manager | dear manager | manager | bot | assistant | dude | man | mate | buddy | pal | friend | my friend
    folks | guys | everyone | sir
    good | great | funny | nice | short | new | latest | current | fresh | cool | random | silly | best | recent
    little | clever | nerdy | geeky | hilarious | decent | interesting | proper | quick one | favorite one
    any good | any
    all | whole | full | exact | exactly | up to date | kind | sort | type | again please | um | uh | hmm | er
    erm | oh | ah | btw | by the way | ok so | right | there
    things | two things | three things | four things | a few things | several things | for a change | for fun
    for once | for sure | of course | if any | in particular | two requests | three requests | first thing
    second thing | third thing | since you asked | since you ask
""")
"""Polite padding, articles and praise: carries no request."""

PREPOSITIONS = phrases("""
    about | on | for | of | in | to | with | at | from | regarding | concerning | re | into | around | over | by
    related to | when it comes to
    that has to do with | having to do with | as for | based on | involving | featuring | from the world of
    to do with
""")
"""Weightless, but they hold the place of a free-text slot."""

FRAMES: Table = {
    "give": phrases("""
        tell | tell me | give | give me | show | show me | get | get me | fetch | fetch me | hit me with
        bring me | send me | let me have | let me hear | let me see | let me know
        read me | read me out | read out | i want | i want to hear | i want to see | i want to know
        i want to have | i need | i need to know | i need to hear | i would like | i would like to hear
        i would like to see | i would like to know | i would like to have
        i would love | i would love to hear | i would love to see | i would love to know | i would enjoy
        i could use | i fancy | i am in the mood for | in the mood for | i feel like | i feel like hearing
        i am up for | up for | ready for
        can i have | can i get | can i hear | can i see | can we have | could i have | could i get | could i hear
        could i see | may i have | may i hear | may i see | may i get | might i have | can we get
        do you have | have you got | you got | got | got any | have you | do you know | know any | you know any
        have any | do you happen to have | do you happen to know | you have | are there any | is there any
        is there | are there | any chance of | mind telling me | would you mind telling me | care to tell me
        do you mind telling me | would you mind giving me | mind giving me | mind showing me
        would you mind showing me | care to share | telling me | might have | whether you have | if you have
        whether you might have | if you might have | you might have | whether you know | if you know
        how about some | what about some
        list | print | display | pull up | look up | find | find me | find out | check | check out | grab
        grab me | throw me | toss me | give us | tell us | show us | let us have | let us hear | let us see
        i am looking for | looking for | i would be interested in | share | say | see | hear
        surprise me with | treat me to | entertain me with | amuse me with | shoot me | drop me | serve me
        serve up | dig up | run | report | report on | how about you tell me | do tell me | time for | bring up
        i am dying to hear | i am dying to know | want | need | wanna hear | want to hear | would like
        what can you tell me | give me info | give me information
        go straight to | straight to | jump to | skip to | go to | move on to
        like to know | like to hear | love to hear | please share | i wish to know | i wish to hear | wondering
        i wonder
    """),
    "what": ("what", "what about the", "whatever"),
    "which": ("which", "which one", "which of them", "which of these"),
    "how": ("how",),
    "who": ("who", "whom"),
    "where": ("where", "whereabouts"),
    "when": ("when", "what day", "at what time"),
    "why": ("why", "how come"),
    "i": ("i", "myself and i"),
    "my": ("my", "mine"),
    "you": ("you", "yourself"),
    "your": ("your", "yours"),
    "it": phrases(
        """
        it | that | this | them | those | these | that one | this one | that stock | this stock | the stock
        the company | that company | that ticker | this company | the ticker | the same | the two | both
        both of them | the pair | each other | all of them | they | its | their
    """
    ),
}
"""How a request or question begins, and the small words that tell questions apart."""

QUESTIONS = wordset("what which how who where when why")
"""The frames that ask for a thing by a question word."""

COPULAS = frozenset({"is", "are", "am"})
AUXILIARIES = frozenset({"do", "does", "is", "are", "am"})
"""At the start of a sentence these ask; elsewhere "is" states ("java is a joke")."""

ADJECTIVE_ENDINGS = ("iest", "ful", "ous", "able", "ible", "tastic")
"""A word that nobody knows and that ends so praises or grades: "your funniest joke", "a marvellous pun"."""

NEGATION = phrases("""
    not | never | do not | do not want | no longer | without | neither | nor | rather not | stop | quit | cancel
    refuse to | except for | other than | apart from | aside from | everything but | all but | excluding
    excepting | barring | spare me | spare us | refrain from | please refrain from
    rather than | avoid | except | leave out
    skip | enough | leave out | hold off | no more | anything but | instead of | no need to
    no need for | never mind | nevermind | never mind about | forget about | forget it | forget about it
    do not bother
""")
NOT_NEGATION = phrases("""
        you would not happen to have | would not happen to have | you do not happen to have | bet you can not
        i bet you can not | if it is not a bother | if it is not too much to ask | if it is not too much
        if its not a bother | if its not too much trouble | if its not to much trouble | if it is not to much trouble
        i do not suppose you have | i do not suppose you could | do not suppose you could | i can not decide
        can not decide | not sure whether | not sure if | i am not sure | if you would not mind | would not mind
        i would not mind | would not it be nice | i could not help | can not wait to | not to be rude but
        if you have nothing better to do | is it not | do not hesitate to | i can not remember | i do not remember
        i do not recall | i can not recall | i forgot | i forget
        do not forget | not only | why not | not bad | no problem | no worries | no doubt | can not wait
        whether or not | or not | i never know what | i never know | i can not find | can not seem to find
        i can not see | could not find | do not you | is not it | is not there | are not there | have not you
    """)

STORY = phrases("""
    he | she | they | him | her | we | our | ours | his | hers | said | says | asked | asks | told | tells
    replied | answered | shouted | whispered | explained | wrote | thought | heard | saw | was | were | had | did
    used to | article of | articles of | matter of | piece of
""")
"""Words of narration. A request beside them in one sentence is quoted or reported, not made."""

CONDITIONS = phrases("""
        if | unless | until | once | whenever | when | in case | as soon as | provided | assuming | suppose
        imagine | supposing | should
    """)
"""A clause that begins so holds the rest back: "if AAPL drops, add it" is nothing to do now."""

JOINERS = phrases("""
        and | plus | and also | and then | as well as | along with | together with | and maybe | and perhaps
        so like | um so like | & | then | also | followed by | and after that | on top
    """)
"""Between two requests, or within one ("AAPL and MSFT")."""
CONTRASTS = ("but", "but do", "so", "however", "because", "since", "so that", "though", "although", "before")
"""They begin another clause."""
REPORTS = wordset("""
    said says asked asks told tells replied answered shouted whispered explained wrote
""")
"""The words of STORY that hand somebody's speech on."""
ENDINGS = phrases("""
    would be great | would be lovely | would be nice | would be good | would be wonderful | would be fine
    would do | will do | is enough | is fine | is all i need | would help | would be helpful
    would be appreciated | would be perfect
    before my meeting | before lunch | before bed | before i go | before i leave | before work | before dinner
    before the meeting | for my meeting | for my friend | for the road | for my kids | i can share
    with my coffee | to finish | to cheer me up | to start with | to begin with | to end with | that is it
    in that order | if that is okay | if that is all right | if thats ok
""")
"""Padding at the end of a request."""

LIGHT = {
    "give": 0.6,
    "whether": 1.6,
    "what": 0.6,
    "which": 0.7,
    "how": 0.7,
    "who": 0.9,
    "where": 1.0,
    "when": 1.0,
    "why": 1.2,
    "i": 0.7,
    "my": 0.7,
    "you": 0.7,
    "your": 0.9,
    "thanks": 0.4,
    "greet": 0.4,
    "ok": 0.4,
    "bye": 0.4,
    "sofar": 0.8,
    "average": 0.8,
    "fromnowon": 0.6,
    "before": 0.8,
}
"""Weights of the frames; all other concepts weigh by how few intents use them."""

NOT_NAMES = wordset("""
    tomorrow later back maybe crazy tonight soon when taxi cab sometime anytime old lazy stupid weird names out
    up on mom mum dad home here there tired bored hungry happy sad fine ok busy sick ready sorry late lost new
    sure done curious good great lucky afraid glad confused serious excited interested looking going trying
    thinking working writing learning using having not so very just still also only really from in at the a an
    your my his her our their its this that one none nothing monday tuesday wednesday thursday friday saturday
    sunday
""")
"""What may follow "call me" or "I am" but is nobody's name."""

ORDINARY = wordset("""
    tide tie tied tip thick tech poke yoke coke woke broke choke joker smoke spoke stroke jokes's joked joking
    poked prince pride prize pricey priced pricing precise rice slice spice twice voice advice device police
    notice stick stack sock stuck stork shock stoke stocky stocking stocked block clock flock knock lock rock
    sick quite quiet quit suite quoted quota note vote views knows newt news's newly view knew snow nest next
    text hero zero adding added adds odd aid add-on had dad sad bad mad adopt adapt remote removed remover moved
    moves move movie mover match catch batch latch patch hatch watched watcher witch watches water later wash
    wish list lists last lost least mist fist listed listen listing enlist topics tropic tonic topical optic
    logic magic comic music basic public apples ample maple apply applied appeal people purple simple staple
    tesla's test testing tester oracles miracle article vital visas visit vista viva nikes nice nine like bike
    hike mike spike interl inter until intelligent interval detail retail mental metal mega beta meat meet metro
    petal amazing amaze boxing going bowing towing moving boeing's pepsin person disneyland adobes abode above
    javas lava java's pythons typhoon mat math's myth path bath moth mach maths's physic physician physical
    psychics chemist chemise biologist geology theology zoology ecology programs programmer program programmed
    database's dates date data base based recursive recursively excursion decision time times timed timer tame
    tome dime lime crime clime mime items item prefer preferred prefers reference references preference's
    proffer agents agency ageing gent gentle urgent age aged ages gender regent help helps helped helper helping
    heap held hell hello's helm heal health kelp yelp chance chances change's charge charged changer chang range
    strange exchange orange challenge channel compare's compared compares company prepare prepared compile
    complete compete compose composed headline's deadline hairline hotline heading heard head heads dead deal
    digest's digested suggest biggest honest detest dentist record's records recorded reward regard retard
    recall recalled recorder explains explained explain's plain plains contain complain expand expound explore
    remember's remembered reminder remind member members december september november number numbers name's named
    names game same fame lame dame nave mane naming word words work works world worn sword wood lord ward worm
    worth wore warm laugh's laughed laughs laughter daughter taught caught rough tough cough though through
    thought bought sought share shares shared shape shore spare stare scare square care market markets marker
    maker marked marble show's shows showed shown shower shadow slow blow glow flow grow know throw how hot tell
    teller tells till tall toll tale told sell well bell fell cell yell hell's give given gives gave live love
    dive five hive line wine fine mine pine vine find finds found kind mind wind bind blind fond fund friend
    fend check checks checked cheek chick chuck cheap cheque cherry price's prices praise prime prune trice
    funny sunny penny bunny tunny honey money point paint print joint faint pin pun fun run sun bun gun nun gum
    sum where there here were ware wire three threw tree free hour hours our out your tour four pour sour hounds
    stop stops stopped step shop drop crop prop google's goggle goggles noodle doodle boggle toggle good goods
    microbe macro micro metric microscope micros rise rises raise noise nose rose those chose close dose house
    horse course sheet short shirt start smart chart heart part party track tracks trick truck crack back black
    trace trade traded rack brick trend bread tread spend blend another other others mother brother bother
    either neither whether weather father gather rather repeat repeats repent report reports replay reply summer
    summit hammer commerce comment common thank think thing things thin tank bank blank thanks's hi high him his
    hit hid hip hill hey key they ley bye buy boy bay bee eye dye rye by best beast breast rest west pest vest
    meant mean means ment what's whats watt wheat that hat chat cat bat talk talks talked talking walk chalk
    stalk task asked ask mask loves loved lover glove dove keep kept deep sleep weep steep keen drops dropped
    droop take takes taken took make makes cake lake wake sake fake bake stake tape much such touch lunch bunch
    mush recipe recent resent precent decent descent center some home come dome soup soon about abound abort
    abroad adobe latest lately latent greatest cost costs coast host most post cast stats state states stat
    stairs status statue static starts favor favors flavor savior labor morning mourning evening meaning warning
    uber's over ever super under tuber user spotty sport spots sports spot's spout starbuck walmarts mastercards
    facebooks snap ship said says sail paid laid raid maid forget forgets forgot forge target targets budget
    gadget call calls called ball fall hall wall correct collect connect context contest content contact
    contract ideas idea ideal cheer cheers cheese really ready read reads
""")
"""Ordinary words that look like a misspelt cue: they are never taken for a typo."""
