"""Words of a message as typed and as compared: case, quotes, contractions, chat spellings, possessives, hyphens.

Every text the router sees, messages and examples alike, passes through `words`, so that both meet in the same form.
"""

import re
import unicodedata
from dataclasses import dataclass

from models.offline.skill import wordset

BOUNDARIES = frozenset(".!?;,:\n()")
"""Marks that may separate two requests; all other punctuation is dropped."""
SENTENCE_ENDS = frozenset(".!?\n;")

_TOKEN = re.compile(r"\$?[^\W_]+(?:['.&][^\W_]+)*|[.!?;,:\n()&+]|(?<=\s)[-\u2013\u2014](?=\s)|_")
_QUOTED = re.compile(r'(?<!\w)"[^"\n]*"(?!\w)|(?<!\w)\u2018[^\u2019\n]+\u2019(?!\w)')
_SAME_MARK = str.maketrans(
    {"\u2019": "'", "\u02bc": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u2026": ".", "_": " ", "-": "-"}
)
_SIMPLE = re.compile(r"[a-z ]{0,80}")
"""Most phrases of the skills: nothing in them but words."""
_SIGNED = re.compile(r"(?<!\S)([+-])(?=[A-Z]{1,5}\b)|(?<=\s)([+-])=(?=\s)")
"""A sign before a symbol, where a list is named: "watchlist: +AMD, -INTC"."""
_SIGNS = {"+": " add ", "-": " remove "}
_LISTED = re.compile(r"(?:^|[\n:])\s*1[.)]\s.*\s2[.)]\s", re.DOTALL)
_ITEM = re.compile(r"(?<!\S)\d{1,2}[.)](?=\s)")
"""The marks of a numbered list: each begins another request."""
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011/](?=\w)")

_SPOKEN = {
    "can't": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us", "ain't": "is not",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "wont": "will not",
    "isnt": "is not", "arent": "are not", "wasnt": "was not", "couldnt": "could not", "wouldnt": "would not",
    "shouldnt": "should not", "havent": "have not", "hasnt": "has not", "whats": "what is", "wats": "what is",
    "wat": "what", "hows": "how is", "whos": "who is", "wheres": "where is", "thats": "that is", "theres": "there is",
    "im": "i am", "ive": "i have", "youre": "you are", "lets": "let us", "gimme": "give me", "lemme": "let me",
    "wanna": "want to", "gonna": "going to", "gotta": "have to", "gotcha": "ok", "u": "you", "ur": "your", "r": "are",
    "pls": "please", "plz": "please", "plse": "please", "thx": "thanks", "thanx": "thanks", "tnx": "thanks",
    "ty": "thanks", "y": "why", "abt": "about", "smth": "something", "ppl": "people", "wassup": "what is up",
    "favourite": "favorite", "favourites": "favorite", "favorites": "favorite", "fave": "favorite", "fav": "favorite",
    "favs": "favorite", "faves": "favorite", "favour": "favor", "summarise": "summarize", "'em": "them", "em": "them",
    "watchlists": "watchlist", "jk": "just kidding", "dunno": "do not know", "&": "and", "+": "and", "yr": "your",
    "gime": "give me", "giv": "give", "teh": "the", "bout": "about", "abot": "about", "favourit": "favorite",
    "n": "and", "luv": "love", "wen": "when", "mt": "my", "wht": "what", "hw": "how", "explane": "explain",
    "compair": "compare", "rn": "right now", "tel": "tell", "intrested": "interested", "intersted": "interested",
    "vs": "versus", "v.s": "versus", "i'd": "i would", "alright": "all right", "tmrw": "tomorrow", "q": "question",
}  # fmt: skip
_VERB_S = wordset("""
    what how who where when why that it there here he she which this everything name
""")  # fmt: skip
_ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}


@dataclass(frozen=True)
class Word:
    """One word: `text` as compared, `raw` as typed (empty for the second half of a contraction)."""

    text: str
    raw: str
    mark: bool = False
    """True for a boundary mark, which is no word."""


def words(text: str, limit: int = 4000) -> list[Word]:
    """The words and boundary marks of `text` (at most `limit` characters of it), quoted passages left out."""
    if _SIMPLE.fullmatch(text):
        return [word for part in text.split() for word in _expand(part)]
    plain = unicodedata.normalize("NFKC", text[:limit].translate(_SAME_MARK)).translate(_SAME_MARK)
    without_quotes = _QUOTED.sub(" , ", plain)
    if any(c.isalnum() for c in without_quotes):
        plain = without_quotes
    if "list" in plain.casefold():
        plain = _SIGNED.sub(lambda sign: _SIGNS[sign[1] or sign[2]], plain)
    plain = _HYPHEN.sub(" ", plain)
    if _LISTED.search(plain):
        plain = _ITEM.sub(" . ", plain)
    found: list[Word] = []
    for match in _TOKEN.finditer(plain):
        raw = match.group()
        if raw in BOUNDARIES or raw in "-\u2013\u2014":
            found.append(Word("," if raw not in BOUNDARIES else raw, raw, mark=True))
        else:
            found += _expand(raw)
    return found


def _expand(raw: str) -> list[Word]:
    low = raw.casefold()
    if low in _SPOKEN:
        first, *rest = _SPOKEN[low].split()
        return [Word(first, raw), *(Word(word, "") for word in rest)]
    if "'" not in low:
        return [Word(low, raw)]
    for ending, word in _ENDINGS.items():
        if low.endswith(ending) and len(low) > len(ending):
            return [*_expand(raw[: -len(ending)]), Word(word, "")]
    if low.endswith("'s"):
        stem = raw[:-2]
        return [Word(stem.casefold(), stem), *([Word("is", "")] if stem.casefold() in _VERB_S else [])]
    return [Word(low, raw)]


def normal(text: str) -> str:
    """`text` in the form in which words are compared, without marks."""
    return " ".join(word.text for word in words(text) if not word.mark)
