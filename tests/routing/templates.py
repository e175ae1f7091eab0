"""Templates of what people say: requests of each kind, and look-alikes that ask for nothing; `synthesis` fills them."""

from collections.abc import Mapping

from models.offline.skill import phrases

REQUESTS: Mapping[str, tuple[str, ...]] = {
    "funny_nerd.get_nerd_joke": phrases("""
        tell me a joke | tell a {topic} joke | got a {topic} joke | a joke about {topic} | one {topic} joke
        I need a joke about {topic} | something funny about {topic} | something silly on {topic} | make me laugh
        I could do with a laugh | let's hear a {topic} joke | throw a {topic} joke my way | drop a {topic} joke
        any {topic} humour | any good ones about {topic} | know any {topic} puns | do you do jokes on {topic}
        make me giggle | make us chuckle | joke me | joke time | crack one about {topic} | say something witty
        your best {topic} gag | give me your funniest {topic} joke | a {topic} pun would be nice | hit me with a joke
        I never get {topic} jokes but try me | my nephew is learning {topic} and I'd like a joke to tell him
        {topic} deserves a joke, tell me one | my teacher likes {topic}, find me a joke for him
        make me laugh about {topic}
        you wouldn't happen to have a {topic} joke | might you have something humorous about {topic}
        bet you can't make me laugh
        {topic} sounds good, tell me one | a joke will do, whichever you like | is there a {topic} joke
        {topic} joke wanted
        I'd love a joke | can I have a joke on {topic} | a laugh would help | fire off a {topic} one liner
        would a joke be possible | I fancy a gag about {topic} | try me with a {topic} joke | {topic} joke
        share a joke | I want to hear something humorous on {topic} | spin me a {topic} joke | help me out with a joke
        tell me one about {topic} | serve me a pun on {topic} | hand me a joke | a quick gag | humour me
    """),
    "funny_nerd.explain_joke": phrases("""
        explain the last joke | I don't get the joke | why is that joke funny | what does the last joke mean
        the joke went over my head, explain it | explain that pun to me | I didn't understand your joke
        could you break down the joke | what's the punchline supposed to mean | where's the humour in that joke
        walk me through the joke | help me understand the last joke | what was funny about the joke
    """),
    "funny_nerd.list_joke_topics": phrases("""
        which joke topics do you have | what can you joke about | list the joke topics | what subjects are your jokes on
        on what themes do you have jokes | which kinds of jokes are there | what joke categories exist
        tell me the topics you can joke about | what sort of jokes have you got | show joke categories
        what do your jokes cover | about what can the funny nerd joke
    """),
    "stock_analyst.get_stock_price": phrases("""
        price of {ticker} | what's {ticker} at | what does {ticker} stock cost | how much is {ticker} | {ticker} quote
        {ticker} price | quote for {ticker} | where is {ticker} trading | what is a share of {ticker} worth
        how is {ticker} stock doing | is {ticker} up or down | what's one share of {ticker} going for | get {ticker}
        pull up {ticker} | look up the {ticker} quote | where did {ticker} close | what is {ticker} trading at
        give me the number for {ticker} stock | check {ticker} | check the price of {ticker} | {ticker} shares, how much
        how did {ticker} do on the market | find out what {ticker} trades at | what are {ticker} shares selling for
        my boss asked me about {ticker}, what's it at | I own shares of {ticker}, how much is one worth today
        writing a piece on {ticker}, where do the shares stand | my dad bought {ticker}, what does it trade at
        {ticker} closed where | is {ticker} trading higher than yesterday | furnish me with the quotation for {ticker}
        {ticker} latest | how is the share price of {ticker} reacting | {ticker} stock, price only
        is {ticker} in the green | how far is {ticker} down | what would I pay for a share of {ticker}
        what are they asking for {ticker} shares | the {ticker} stock price | {ticker} stock | has {ticker} stock fallen
        the value of {ticker} stock | tell me {ticker}'s share price | how's {ticker} faring | {ticker} last price
        what price is {ticker} | where do {ticker} shares stand | how are {ticker} shares | the going rate for {ticker}
        is {ticker} stock up today | can you see where {ticker} closed | {ticker} ticker please
    """),
    "stock_analyst.compare_stocks": phrases("""
        compare {ticker} and {ticker2} | {ticker} versus {ticker2} | {ticker} vs {ticker2}
        {ticker} or {ticker2}, which did better
        which stock is ahead, {ticker} or {ticker2} | put {ticker} and {ticker2} side by side
        show {ticker} and {ticker2} next to each other | stack {ticker} up against {ticker2}
        has {ticker} outperformed {ticker2} | is {ticker} beating {ticker2} | between {ticker} and {ticker2} who wins
        which of {ticker} and {ticker2} performed best | how does {ticker} measure up to {ticker2}
        {ticker} against {ticker2} | did {ticker} do better than {ticker2} | weigh {ticker} against {ticker2}
        I can't decide between {ticker} and {ticker2}, compare them | a comparison of {ticker} with {ticker2}
        who's stronger, {ticker} or {ticker2} | contrast {ticker} and {ticker2} | match {ticker} with {ticker2}
        which one gained more, {ticker} or {ticker2} | what's the difference between {ticker} and {ticker2} stock
    """),
    "stock_analyst.get_watchlist_summary": phrases("""
        how are my stocks doing | how is my watchlist doing | summarize my watchlist | my watchlist performance
        prices of the stocks on my list | give me the quotes for my watchlist | how did my stocks do
        are my stocks up | what are my stocks worth | a rundown of my watchlist | run me through my stocks
        is my portfolio in the red | how's the portfolio | watchlist update | update me on my stocks
        today's prices for everything I watch | check on my holdings | how are the stocks I follow performing
        which of my stocks went up | status of my watchlist | show quotes for all my stocks
    """),
    "news_analyst.search_news": phrases("""
        news about {query} | {query} news | any news on {query} | articles about {query} | find stories on {query}
        what's new with {query} | what is happening in {query} news | headlines about {query} | look for news on {query}
        is there anything in the news about {query} | what do the papers say about {query} | latest {query} stories
        did anything happen in {query}, check the news | search the news for {query}
        read me something on {query} from the news
        has {query} been in the news | what are they writing about {query}, any articles
        get me articles mentioning {query}
        I'd like to read an article about {query} | pull three stories on {query} from the news | news: {query}
        have the news agent look for something on {query} | let the news analyst dig up something on {query}
        what's the word on {query} in the news | coverage of {query} | press reports about {query} | news {query}
        show me what the press has on {query} | the latest on {query} | anything new on {query}
        keep me posted on {query} news
        any developments in {query} | fetch me news regarding {query} | what's going on with {query} in the news
        gimme the scoop on {query} news | news on {query} wanted | find me recent articles on {query}
    """),
    "news_analyst.get_headlines": phrases("""
        the headlines | give me the headlines | what's in the news | today's news | what are the top stories | the news
        read me the headlines | what's making headlines | catch me up on the news | I'd like to catch up on the news
        any news today | what's happening in the world | top five headlines | show me the news
        what did I miss in the news
        news | hook me up with the headlines | the main headlines | the principal headlines | what's new in the world
        headlines of the day | I want to be informed about the news | run me through the news | the front page
        what fresh news is there | what's going on out there, news wise | what's been happening, news I mean
        bring me up to speed on the news | I could use the news | is there any important news | big stories of the day
    """),
    "news_analyst.get_news_digest": phrases("""
        a digest on {query} | digest of {query} news | give me a short digest about {query} | sum up the news on {query}
        boil the {query} news down into a digest | two lines on {query} news | summarize the news about {query}
        a briefing on {query} | brief me on {query} | prepare a {query} digest | the news on {query} in brief
        make me a digest for {query} | condense the {query} news | a two line summary of {query} news | {query} digest
        I want a digest about {query} | a quick digest of what's new in {query}
    """),
    "librarian.search_record": phrases("""
        what did I say about {query} | did we talk about {query} | have I mentioned {query} before
        when did I last ask about {query} | search my history for {query} | find where we discussed {query}
        when was the last time I brought up {query} | has {query} come up in our conversations
        dig up what we said on {query} | look in your records for {query} | did I ever bring up {query}
        what did you tell me about {query} | what was your answer when I asked about {query}
        check our old chats for {query}
        find the conversation where we talked about {query} | in our earlier chats, did I mention {query}
        have the librarian search for {query} | search our chats for the word {query} | grep my history for {query}
        last month we spoke of {query}, find that conversation | you mentioned {query} once, when was that
        what was it I said about {query} | look through the record for {query} | did the topic of {query} ever come up
        ask the librarian about {query} | I know I said something about {query}, find it | have we ever covered {query}
        I remember you mentioned {query} once, when was that | what was it you told me about {query}
        look up in our old conversations the word {query} | history search: {query} | did {query} come up before
        whatever I said about {query} before | any mention of {query} in my history
    """),
    "librarian.recent_turns": phrases("""
        what did I just ask | my last three messages | show my recent messages | what were my last four questions
        show our latest exchanges | what did I ask you a moment ago | repeat my last question | my chat history
        what were the last things I asked you | the previous two things I asked | what did I write most recently
        I asked you something a minute ago, what was it | show the last 5 turns | list my latest requests
        what was my previous question | scroll back a few messages | replay the last exchange
    """),
    "librarian.who_did_what": phrases("""
        who did what | which agents have you delegated to | which agent handled my last request | list the delegations
        who took care of my requests | which of your agents did the work for me | who answered me
        which agents did the work | who on the team did which task | which agent told me that | who worked on what
        show me the task log | to whom did you delegate
        whom did you ask for help | which agents have been busy for me
    """),
    "manager.add_to_stock_watchlist": phrases("""
        add {ticker} to my watchlist | put {ticker} on my watchlist | track {ticker} | follow {ticker} for me
        keep an eye on {ticker} | watch {ticker} stock | I want {ticker} on my watchlist | {ticker} to the watchlist
        could {ticker} go on my watchlist | make sure {ticker} is on my watchlist | start tracking {ticker}
        the watchlist is missing {ticker}, please add it | put both {ticker} and {ticker2} onto my watchlist
        my watchlist needs {ticker} | get {ticker} onto my watchlist | list {ticker} among the stocks I watch
        have {ticker} on my watchlist | throw {ticker} onto the watchlist | let's add {ticker}
        monitor {ticker} from now on
        I'm thinking of buying {ticker}, so put it on my watchlist | {ticker} should be on my list
        I'd love to have {ticker} in my watchlist | please include {ticker} in the watchlist | ticker {ticker}, add it
    """),
    "manager.remove_from_stock_watchlist": phrases("""
        remove {ticker} from my watchlist | take {ticker} off my watchlist | drop {ticker}
        delete {ticker} from the list
        cut {ticker} from my watchlist | {ticker} needs to go from my watchlist | stop tracking {ticker}
        I don't want {ticker} on my watchlist anymore | get {ticker} off the watchlist | {ticker} can leave my watchlist
        I sold {ticker}, so take it off my watchlist | kick {ticker} off the list | unfollow {ticker}
        toss {ticker} from my watchlist | rm {ticker} from watchlist | no need for {ticker} on my watchlist any more
        why is {ticker} still on my watchlist, delete it | {ticker} off the watchlist
        I'm done with {ticker}, remove it
        take {ticker} out of my watchlist | my watchlist is too long, remove {ticker}
        can {ticker} come off my watchlist
    """),
    "manager.add_joke_preference": phrases("""
        I like {topic} jokes | I love jokes about {topic} | {topic} jokes are my favourite
        remember that I enjoy {topic} jokes
        add {topic} to my joke preferences | save {topic} as a joke topic | put {topic} on the list of jokes I like
        jokes about {topic} are what I like | I have a preference for {topic} jokes
        note that I'm fond of {topic} jokes
        nothing beats a {topic} joke, save that | {topic} jokes please me, keep this in mind
        I'm a sucker for {topic} jokes
        my taste in jokes is {topic} | save {topic} as one of my joke topics | mark {topic} jokes as a favourite
    """),
    "manager.remove_joke_preference": phrases("""
        I don't like {topic} jokes anymore | remove {topic} from my joke preferences | I'm over {topic} jokes
        no longer a fan of {topic} jokes | drop {topic} from the jokes I like | forget that I like {topic} jokes
        unlike {topic} jokes | I no longer find {topic} jokes funny, please remove the topic
        I've gone off {topic} jokes | {topic} jokes can go from my preferences | delete {topic} from my joke topics
        I'm sick of {topic} jokes, take them off my list | {topic} is no longer one of my joke topics
    """),
    "manager.update_user_preferences.user_name": phrases("""
        my name is {name} | call me {name} | I'm called {name} | please address me as {name} | you should call me {name}
        set my name to {name} | set my user name to {name} | change my name to {name} | put me down as {name}
        this is {name} speaking, remember my name | I go by {name} | name's {name} | people call me {name}
        remember my name: {name} | it's {name}, by the way, my name | I'd like to be called {name}
        save {name} as my name
    """),
    "manager.update_user_preferences.nerd_topics": phrases("""
        I'm interested in {query} | add {query} to my interests | {query} fascinates me | my interests are {query}
        note {query} as one of my interests | I'm into {query}, remember that | set {query} as one of my interests
        {query} is something I'm interested in | my thing is {query}, add it to my interests | I'm keen on {query}
        save {query} as an interest of mine | put {query} among my interests | {query} interests me a lot
        I have a passion for {query}, note that as an interest | remember my interest in {query}
    """),
    "manager.set_favorite_agent": phrases("""
        my favourite agent is the {agent} | make the {agent} my favourite | I like the {agent} best
        set the {agent} as my favourite agent | I'd pick the {agent} as my favourite agent | the {agent} is my favourite
        save the {agent} as my preferred agent | of all agents I prefer the {agent} | choose the {agent} as favourite
        my favourite of your agents is the {agent} | mark the {agent} as the agent I like most
    """),
    "manager.get_user_preferences": phrases("""
        what's on my watchlist | who am I | what's my name | tell me my name | what do you know about me
        my preferences
        what have you stored about me | which stocks am I watching | which jokes do I like | who is my favourite agent
        did I set a favourite agent | which agent did I pick as favourite | what are my interests
        what interests do you have noted for me | list my watchlist | read my watchlist back to me | show my preferences
        which companies are on my watchlist | did I put {ticker} on my watchlist | is {ticker} on my list
        how long is my watchlist | how many stocks do I watch | what's left on my watchlist | what did I say my name was
        under what name do you know me | which joke topics have I saved | print my settings
        what have you got on file about me
        which stocks have I asked you to watch | remind me which stocks I follow | what do you have noted about me
        what name have you saved for me | what did I tell you my interests were | what kind of jokes do I prefer
        I forget which stocks I'm following, list them | show me my profile | can you tell me what my name is
    """),
    "manager.get_conversation_summary": phrases("""
        what have we talked about | summarize our conversation | give me a recap of this chat | sum up what we discussed
        what was this conversation about | what has this chat been about so far | how long have we been talking
        how long have we been chatting and about what | what is it we have been discussing
        what did I say first | what was the first thing I said in this session | how many messages have we exchanged
        an overview of our discussion | what have we covered so far | bring me up to date on our conversation
        how did this conversation begin | recap | what topics did we go over | where did we leave off
    """),
    "manager.get_agent_performance_stats": phrases("""
        how are the agents performing | agent stats | show the statistics on all agents | how reliable are your agents
        which agent is the fastest | how often did the {agent} succeed | what's the average speed of the agents
        success rate of the agents | how quick is the {agent} | how many tasks did the agents fail | agent metrics
        performance report of the team | how long do the agents take on average | how well does the {agent} work
        which agent is used most | which of the agents fails most often | how has the team performed
    """),
    "manager.get_current_time": phrases("""
        what time is it | the time please | what's the date today | which date do we have | what day is it
        is it Monday today | what time is it in {place} | tell me the time in {place} | current time | how late is it
        what's the time over in {place} | is it morning in {place} now | what's today's date | do you have the time
        which day of the week is it | the local time in {place} | what year is it | what hour is it
    """),
}
"""Kind of request -> ways to make it."""

LOOK_ALIKES = phrases("""
    what does {company} mean in Greek | is my {company} account hacked | how do I reset my {company} password
    can you check whether {company} is down | my {company} app keeps crashing | I work at {company}
    who founded {company}
    where are the headquarters of {company} | I watched a film on {company} last night | should I buy {company} shares
    is {company} a good employer | {company} makes nice shoes | my cousin interviewed with {company} last week
    how do I write a loop in {topic} | what is {topic} | who invented {topic} | explain {topic} to me | is {topic} hard
    I have a {topic} exam on Friday | fix this {topic} bug for me | teach me {topic} | {topic} is a lovely subject
    write a {topic} program that sorts a list | I passed my {topic} test | my teacher of {topic} is strict
    good news! I passed the exam | no news is good news | that's great news | the bad news is that we lost
    I heard the news already | my father reads the news every morning | the news made me sad | fake news everywhere
    the joke's on him | that joke was bad | your jokes are awful | this is no joke | my boss is a joke
    he can't take a joke
    do you find your own jokes funny | I told him a joke and he left | jokes aside, I am tired | stop joking around
    the price of fame is high | everything has its price | bread prices went up again | what's the price of a coffee
    how much is a haircut | the price was right | I bought milk for two dollars | he paid a high price for it
    we are out of stock | the soup needs more stock | I take no stock in that | he shared his lunch with me
    I lost my watch | watch out for the dog | watch your language | I watched the game | my watch has stopped
    I added salt to the soup | add two and two | remove the lid before heating | take your shoes off | drop me a line
    what's the best time to plant tomatoes | time flies | it's about time | that was a long time ago | time is money
    my name day is in May | what's in a name | she called me yesterday | call me later | call me a taxi | call me crazy
    I'm interested to see what happens | I'm tired | I am hungry | I am so happy today | my favourite colour is green
    compare apples and oranges | nobody can compare with her | remember the milk | I remember that summer
    who was the first president | how tall is the tower | what's the weather like | book me a flight to {place}
    play some music | set an alarm for six | turn off the lights | send an email to {name} | translate this into French
    order me a pizza | how do I get to the station | what's the capital of Peru | what is the meaning of life
    what's your favourite movie | do you like music | are you married | can you sing | tell me a story | write me a poem
    the librarian at school was nice | my agent sold the house | the analyst said to wait | she is a secret agent
    history repeats itself | I love history class | he made history | I failed my history test
    summary judgement was granted
    {name} told me about {query} | I read about {query} | what do you think about {query} | is {query} dangerous
    who discovered {query} | the article about {query} was too long | I wrote an article about {query} yesterday
    don't tell me a joke | no jokes please | spare me the news | I'd rather not hear the headlines
    stop giving me quotes
    don't add {company} to my watchlist | please refrain from telling me the price of {company} | skip the {topic} jokes
    do not save that | never mind the watchlist | I don't want any news about {query} | please don't call me {name}
    no need to search for {query} | don't remember that I like {topic} jokes | keep my watchlist as it is
    no digest today
    if {company} falls, add it to my watchlist | he asked me what {company} trades at | she said she likes {topic} jokes
    he told me a joke about {topic} | she told us the news about {query} | the price of {company} flavoured juice
    the price of V neck shirts | the cost of a trip to the amazon rainforest | how much is an apple pie
    they asked about the price of {company} last year | the joke about {topic} was bad
    place an order to buy {company} | sell my {company} stock | buy ten shares of {company} for me | invest in {company}
    how many people work at {company} | who is the boss of {company}
    my flight with {company} was late | the {topic} teacher told a joke | what does {topic} have to do with it
    they told us the price of {company} | if you knew a {topic} joke you would have told me | I used to watch {company}
""")
"""Texts in which nobody asks an agent for anything."""
