"""The joke book: topics by any name, jokes by id, and whose turn it is."""

from pathlib import Path

import pytest

from settings import DATA
from storage.errors import StorageError
from sub_agents.funny_nerd.jokes import Joke, JokeBook
from sub_agents.funny_nerd.tools import topic_after


@pytest.fixture(scope="module")
def book() -> JokeBook:
    return JokeBook.load(DATA / "jokes.json")


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("python", "python"),
        (" Java ", "java"),
        ("JS", "javascript"),
        ("maths", "math"),
        ("SQL", "databases"),
        ("database jokes", "databases"),
        ("organic chemistry", "chemistry"),
    ],
)
def test_a_topic_is_known_by_its_names(book: JokeBook, said: str, topic: str) -> None:
    assert book.topic_named(said) == topic


@pytest.mark.parametrize("said", ["cooking", "", "javanese", "!!"])
def test_other_words_name_no_topic(book: JokeBook, said: str) -> None:
    assert book.topic_named(said) is None


def test_a_misspelt_topic_has_a_nearest_one(book: JokeBook) -> None:
    assert book.nearest_topic("phisics") == "physics"
    assert book.nearest_topic("gardening tools") is None


def test_a_joke_is_found_by_id_in_any_case(book: JokeBook) -> None:
    joke = book.on("python")[0]
    assert book.find(joke.id.upper()) == joke
    assert book.find("python-99") is None


def test_two_jokes_with_one_id_are_refused() -> None:
    joke = Joke("python-01", "python", "joke", "because")
    with pytest.raises(ValueError, match="python-01"):
        JokeBook([joke, joke])


def test_a_file_that_is_no_joke_book_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "jokes.json"
    file.write_text('[{"id": "python-01"}]', encoding="utf-8")
    with pytest.raises(StorageError, match=r"jokes\.json is not as the program needs it"):
        JokeBook.load(file)


def test_topics_take_turns() -> None:
    topics = ("java", "math")
    assert topic_after(None, topics) == "java"
    assert topic_after("java", topics) == "math"
    assert topic_after("math", topics) == "java"
    assert topic_after("biology", topics) == "java"


def test_no_topics_to_take_turns_is_an_error() -> None:
    with pytest.raises(ValueError, match="no topics"):
        topic_after(None, ())
