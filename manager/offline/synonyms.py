"""What people say for what the manager's tools do, and for what they do it to."""

from collections.abc import Mapping

from models.offline.skill import Words, phrases

ACTS: Mapping[str, Words] = {
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
}

THINGS: Mapping[str, Words] = {
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
}
