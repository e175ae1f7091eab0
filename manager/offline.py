"""What people ask the manager itself: to remember, to forget, what it knows of them, the time (told in `wording`)."""

from llm.skill import Intent, Skill, phrases, vocabulary
from manager import wording

PLACES = vocabulary("""
    Europe/London: london | england | britain | uk | the uk | united kingdom
    Europe/Paris: paris | france
    Europe/Berlin: berlin | germany | munich | hamburg | frankfurt
    Europe/Madrid: madrid | spain | barcelona
    Europe/Rome: rome | italy | milan
    Europe/Amsterdam: amsterdam | netherlands
    Europe/Zurich: zurich | switzerland | geneva
    Europe/Vienna: vienna | austria
    Europe/Stockholm: stockholm | sweden
    Europe/Oslo: oslo | norway
    Europe/Copenhagen: copenhagen | denmark
    Europe/Helsinki: helsinki | finland
    Europe/Dublin: dublin | ireland
    Europe/Lisbon: lisbon | portugal
    Europe/Warsaw: warsaw | poland
    Europe/Prague: prague
    Europe/Athens: athens | greece
    Europe/Istanbul: istanbul
    Europe/Kyiv: kyiv | kiev | ukraine
    Europe/Moscow: moscow
    Europe/Brussels: brussels | belgium
    America/New_York: new york | nyc | new york city | boston | washington | miami | est | eastern time
        atlanta | america/new york
    America/Chicago: chicago | dallas | houston | texas | cst | central time
    America/Denver: denver | mountain time
    America/Los_Angeles: los angeles | la | san francisco | seattle | california | pst | pacific time
        silicon valley | las vegas | san diego
    America/Toronto: toronto | montreal | ottawa
    America/Vancouver: vancouver
    America/Mexico_City: mexico city | mexico
    America/Sao_Paulo: sao paulo | brazil | rio | rio de janeiro
    America/Argentina/Buenos_Aires: buenos aires | argentina
    America/Bogota: bogota
    America/Lima: lima | peru
    America/Santiago: santiago
    Pacific/Honolulu: honolulu | hawaii
    Asia/Tokyo: tokyo | japan | osaka | kyoto
    Asia/Seoul: seoul | korea | south korea
    Asia/Shanghai: shanghai | beijing | china | shenzhen
    Asia/Hong_Kong: hong kong
    Asia/Singapore: singapore
    Asia/Taipei: taipei | taiwan
    Asia/Manila: manila
    Asia/Kolkata: india | mumbai | delhi | new delhi | bangalore | kolkata | chennai
    Asia/Karachi: karachi
    Asia/Dhaka: dhaka
    Asia/Dubai: dubai | abu dhabi
    Asia/Jerusalem: jerusalem | israel
    Asia/Bangkok: bangkok | thailand
    Asia/Jakarta: jakarta
    Asia/Ho_Chi_Minh: hanoi | vietnam | saigon
    Asia/Riyadh: riyadh
    Asia/Tehran: tehran
    Africa/Cairo: cairo | egypt
    Africa/Lagos: lagos | nigeria
    Africa/Nairobi: nairobi | kenya
    Africa/Johannesburg: johannesburg | cape town | south africa
    Africa/Casablanca: casablanca
    Australia/Sydney: sydney | canberra
    Australia/Melbourne: melbourne
    Australia/Brisbane: brisbane
    Australia/Perth: perth
    Pacific/Auckland: auckland | new zealand | wellington
    UTC: utc | gmt | greenwich
""")


SKILL = Skill(
    agent="manager",
    help="your watchlist, the jokes you like, your name and interests, what we talked about, how the agents perform, "
    "and the time",
    names=(),
    vocabularies={"place": PLACES},
    acts={
        "add": phrases("""
            add | put | include | stick | start tracking | start watching | start following | keep an eye on
            keep track of | keep tabs on | track | follow | monitor | watch | append | pop | throw | place | added
            insert | save | note down | keep watch on | keep watching | i want to follow | i want to track
            i want to watch | i would like to follow | i would like to track | i would like to watch | put down | ad
            toss | enter | should be | should go | belongs | goes | keep me posted about | remember to watch
            let us track | let us add | let us watch | chuck | want on | begin tracking | begin watching
            begin following | start to track | start to watch
        """),
        "remove": phrases("""
            remove | take off | take | drop | delete | get rid of | scratch | unfollow | untrack | stop tracking
            stop watching | stop following | unwatch | erase | kick | kick off | clear | discard | dump | cross off
            cross out | strike | strike off | pull | stop monitoring | quit tracking | quit watching | remove from
            lose | ditch | no longer track | no longer watch | no longer follow | can come off | come off | can go
            removed | taken off | dropped from | out with | i am done with | done with | throw out | wipe
            quit following | cease tracking | cease watching | cease following | quit monitoring
            cancel tracking | remov | forget | eliminate | boot | no longer want | no longer like | i no longer want
            i no longer like | i am over | i am tired of | i am sick of | i have had enough of | do not track
            do not like | i do not like | stop keeping an eye on | stop keeping track of | no longer interested in
            are not my thing | is not my thing | take out | undo | undo that
        """),
        "putback": phrases("""
            put back | put it back | add back | add it back | put that back | put them back | restore | restore it
            bring it back | that was a mistake | undo that | add that back | re add | readd | back on
        """),
        "remember": phrases("""
            remember | remember that | note that | note | keep in mind | keep in mind that | please note that
            save that | bear in mind that | make a note that | make a note | for the record | fyi | remember this
            save | store | you should know | you should know that | know that | by the way | just so you know
            record that | put down that
        """),
        "call": phrases("""
            call me | you can call me | you may call me | please call me | just call me | refer to me as
            address me as | people call me | i go by | they call me | my friends call me | everyone calls me
            i am called | i want to be called | i would like to be called | i prefer to be called
            i would prefer to be called | you should call me | start calling me | i would rather be called
            my nickname is | i prefer
        """),
        "set": phrases("""
            set | make | change | update | choose | pick | select | switch | mark | save | use | nominate | rename
            declare
        """),
        "like": phrases("""
            i like | i love | i enjoy | i adore | i am fond of | i am a fan of | i am a big fan of | i dig
            i prefer | i am keen on | i really like | i really love | i really enjoy | i do like | i do love
            i also like | i also love | i also enjoy | i am crazy about | crack me up | make me laugh
            i am partial to | are my favorite | is my favorite | are my thing | are the best | i appreciate
            i always enjoy | i always like | i always love | i find funny | i have a soft spot for | are funny
            amuse me | i like hearing | i love hearing | i like best | are great | i can never get enough
            i can not get enough | i especially like | i mostly like | i am really into | never get old
        """),
        "interested": phrases("""
            i am interested in | i am into | i am curious about | i am fascinated by | i am passionate about
            one of my interests | is one of my interests | are one of my interests | interests me | fascinates me
            i have an interest in | i have a keen interest in | i am very interested in | i am really interested in
            i am also interested in | i am really into | my hobbies | my hobbies are | my hobby is | is my hobby
            is my passion | my passion is | i geek out about | i nerd out about | i am a nerd about
            i am super interested in | i am quite interested in | my nerd topics are | my nerd topic is
            i am intrigued by | i care about | i am keen on | my favorite subject is | i am so into
        """),
    },
    things={
        "watchlist": phrases("""
            watchlist | watch list | my watchlist | my watch list | the watchlist | the watch list | stock watchlist
            my stock watchlist | list of stocks | my list of stocks | my stocks | my portfolio | stock list
            my stock list | watched stocks | my watched stocks | list of stocks i watch | the list of stocks i watch
            stocks i watch | stocks i follow | my tracked stocks | tracked stocks | my tickers | my list | the list
            my stocks list | stocks to watch | my holdings | list of watched stocks | stocks i am watching
            the stocks i watch | the stocks i follow | the stocks i track
        """),
        "jokelist": phrases("""
            joke preferences | my joke preferences | joke preference | my joke topics | my favorite joke topics
            favorite joke topics | my preferred joke topics | preferred joke topics | list of jokes i like
            the list of jokes i like | jokes i like | the jokes i like | my favorite jokes | my preferred jokes
            my list of jokes | preferred jokes | my humor preferences | joke topics i like | the joke topics i like
            my joke list | my jokes | kinds of jokes i like | types of jokes i like | my joke tastes
            my joke interests | my list of joke topics | topics i like jokes about | my favorites
            my joke favorites | my taste in jokes | my list of favorite jokes | list of favorite jokes
        """),
        "favagent": phrases("""
            my favorite agent | favorite agent | preferred agent | my preferred agent | my favorite | as my favorite
            my favorite agent is | my go to agent | my favorite team member | my favorite assistant
            my favorite of the agents | best of all agents | favorite among the agents | like best | i like best
            i like the most | like the most | my top agent | my number one agent | favorite of the team
            most liked agent | my best agent | agent i like best | agent i like most | favorite one of the agents
            my default agent
        """),
        "name": phrases("""
            my name | my name is | the name is | name is | my username | my user name | user name | my first name
            my nickname | my real name | my actual name
        """),
        "whoami": phrases("""
            who am i | what is my name | my name | do you know my name | do you remember my name
            do you know who i am | do you remember who i am | do you remember me | do you know me | who i am
            tell me my name | say my name | what am i called | what do you call me | remember my name
            what name do you have for me | who do you think i am | know who i am | remember who i am
            who am i to you | what is my user name | what is my username | what name do you know me by
            have i told you my name | did i tell you my name | recall my name
        """),
        "aboutme": phrases("""
            what do you know about me | what do you remember about me | what have you saved about me
            what have you learned about me | everything you know about me | everything you have saved about me
            my preferences | preferences | my profile | my settings | what you know about me
            what you have saved about me | all you know about me | what you remember about me
            what do you have on me | my saved preferences | what did you save about me
            what have you stored about me | my data | my details | my user preferences | my stored preferences
            about me | what have i told you about me | what have i told you about myself
            what have you noted about me | what information do you have about me | what do you have saved about me
            anything you know about me | everything you remember about me | what have you got on me
            what things do you know about me | what did i tell you about myself | what have you remembered about me
            know about me | remember about me | what are my preferences | information about me | saved about me
            my information
        """),
        "interests": phrases("""
            my interests | my interests are | my interests include | my interest is | my list of interests
            topics of interest | nerd topics | nerd topic | as an interest | an interest of mine
            among my interests | as interest | as my interest | list of interests | my interest
            my topics of interest | my nerd topics | what am i interested in | my hobbies | which topics interest me
            topics i am interested in | what i am interested in | which topics am i interested in | my topics
            what topics am i interested in | what interests me | what are my nerd topics
        """),
        "talkedabout": phrases("""
            what have we talked about | what did we talk about | what have we discussed | what did we discuss
            what have we been talking about | what were we talking about | what have we said
            summary of our conversation | summary of our chat | summary of this conversation | summary of this chat
            summary of the conversation | summary of the chat | summarize our conversation | summarize our chat
            summarize this conversation | summarize this chat | summarize the conversation | summarize the chat
            summarize our discussion | summarize this session | summarize our session | summary of this session
            summary of our session | conversation summary | chat summary | session summary | recap this chat
            recap our chat | recap our conversation | recap this conversation | recap the conversation
            recap the chat | recap the session | recap | recap of our conversation | recap of our chat
            recap of this chat | recap of this conversation | recap of the conversation | recap of this session
            what we talked about | what we have talked about | what we discussed | what we have discussed
            what did we chat about | what did we cover | what have we covered | what have we chatted about
            what have we done | what did we do | what has been said | what has happened so far
            what have we done so far | where were we | where did we leave off | how many messages have we exchanged
            how many turns have we had | how many messages have i sent | how long have we been talking
            how many messages | how many questions have i asked | how many times have we talked
            what was the first thing i said | what was the first thing i asked | what was my first message
            what was my first question | what did i say first | what did i ask first | my first message
            the first thing i said | what was the first thing i said to you | what was the first thing i asked you
            our conversation | what have we been up to | what is our conversation about
            remind me what we talked about | sum up our conversation | sum up this chat | sum up our chat
            sum up what we talked about | sum up this conversation | overview of our conversation
            what happened so far | what have we gone over | summary of what we talked about | where did we stop
            how many turns | how many messages have we sent | how did this conversation start
            how did our conversation start | when did we start talking | when did we start
            when did this session start | how did we start | what have you and i talked about | session overview
            what topics have we covered | what topics have we discussed | what subjects have we covered
            how many exchanges have we had
        """),
        "sofar": phrases("""
            so far | until now | up to now | till now | in this session | this session | in this chat
            in this conversation | exchanged | together | up until now | thus far | already | before | last time
            since we started | over time | during this session
        """),
        "agentstats": phrases("""
            agent stats | agent statistics | agent performance | agents performance | agents stats | stats
            statistics | performance stats | performance statistics | performance of your agents
            performance of the agents | performance of my agents | agent performance stats | stats of the agents
            stats for the agents | stats on the agents | stats about the agents | how are the agents doing
            how are the agents performing | how are your agents doing | how are your agents performing
            how are my agents doing | how are my agents performing | how do the agents perform
            how well do the agents perform | how well are the agents doing | how well are the agents performing
            which agent is the fastest | which agent is fastest | which agent is the slowest
            which agent is slowest | fastest agent | slowest agent | busiest agent | which agent is the busiest
            which agent is busiest | most used agent | which agent is used most | which agent is used the most
            which agent do i use most | which agent do i use the most | how fast are the agents
            how fast are your agents | how reliable are the agents | success rate | success rate of the agents
            success rates | agent success rates | agent metrics | agents metrics | performance report
            performance metrics | response times | agent response times | how often did the agents fail
            how many delegations | how many delegations have there been | how has the team been doing
            how is the team doing | how is the team performing | how is your team doing | team stats
            team statistics | team performance | how have the agents been doing | how have the agents performed
            how did the agents do | how did the agents perform | which agent is the best performing
            which agent performs best | which agent failed | which agents failed | which agent fails the most
            how long do the agents take | how long does each agent take | statistics of the agents
            statistics on the agents | statistics about the agents | statistics for the agents | agent report
            how quick are the agents | which agent has the most delegations | how are the agents
            how many tasks have the agents completed | agent speeds | delegation stats | delegation statistics
            which agent is most reliable | which agent is the most reliable | average response time
            which agent works the hardest | how many times has each agent been used | which agent is the quickest
            which agent is quickest | how well is each agent doing | how well is each agent performing | usage stats
            usage statistics
        """),
        "average": ("on average", "overall", "generally", "in general", "lately", "so far", "been", "by far"),
        "time": phrases("""
            time | the time | what time is it | what time | current time | local time | what is the time | clock
            time of day | what hour | what hour is it | the hour | what time do you have | have you got the time
            do you have the time | got the time | time right now | the current time | what is the current time
            time is it | what is the local time | exact time
        """),
        "date": phrases("""
            date | the date | todays date | what day is it | what day is today | what date is it | what is the date
            current date | what day | what date | day of the week | what day of the week is it | what month is it
            what year is it | which day is it | which day is today | date of today | date and time
            time and date | what is the day today | what weekday is it | today's date | day is it | date is it
            which date is it | what is the day | what week is it
        """),
        "anymore": ("anymore", "any more", "any longer"),
        "fromnowon": phrases("""
            from now on | in the future | henceforth | by the way | going forward | from here on | instead
            by default | as a preference | to my preferences | there | in my preferences | again | save that
            remember that | please remember that | remember this | save it | i think | again please | and save that
            the list | from today
        """),
    },
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
    ),
)
