"""Lines that nobody would type, and arguments that nobody would give: the same ones for the same seed."""

import random
from collections.abc import Callable, Iterator, Sequence

import click

from terminal.cli import cli
from terminal.slash import commands


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    yield path, group
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        elif command:
            yield (*path, name), command


SLASHES = [name for command in commands.COMMANDS for name in (command.name, *command.aliases)]
COMMANDS = [path for path, _ in _commands(cli)]
OPTIONS = sorted({option for _, command in _commands(cli) for param in command.params for option in param.opts})
OPTIONS += ["--help", "-h", "--", "-", "--nonsense", "-x"]
REQUESTS = (
    "tell me a joke about python",
    "price of AAPL and any tech news?",
    "put NVDA on my watchlist",
    "remove NVDA from my watchlist",
    "what have we talked about?",
    "my name is {}",
    "I like {} jokes",
    "what did I say about {}?",
    "news about {}",
    "price of {}",
    "not {} but {}",
    "call me {} and forget {}",
    "yes",
    "no, the other one",
    "stats of {}",
)
NUMBERS = (  # noqa: SIM905
    "0 1 -1 2 7 1000000 1000001 9223372036854775807 9223372036854775808 -9223372036854775809 1e400 1e-400 nan inf -inf "
    "0x10 1_000 \uff11\uff12 \u0663 \xbd \xb2 1. .5 +1 00 99999999999999999999999999999999999999999"
).split()
TIMES = [
    "90m",
    "24h",
    "7d",
    "2w",
    "0d",
    "99999999999d",
    "1e9d",
    "-1d",
    "2026-03-31",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "10000-01-01",
    "0000-00-00",
    "7",
    "d",
    "7D",
    "\u0667d",
    "2026-3-1",
]
FILES = (
    "out.md",
    "out.json",
    "out.html",
    "a b.json",
    "no/such/folder/x",
    ".",
    "..",
    "plain",
    "ä.png",
    "x?y=1.db",
    "%20.db",
)
SQL = (
    "SELECT 1",
    "SELECT * FROM turns",
    "'; DROP TABLE turns; --",
    "SELECT x'00ff', 1e999, NULL",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c",
    "PRAGMA journal_mode=DELETE",
    "ATTACH 'x' AS y",
    "SELECT char(0), char(55296)",
    'SELECT "',
    "",
    ";",
    "SELECT 1; SELECT 2",
    "DELETE FROM turns",
    "SELECT zeroblob(1000)",
)
MARKUP = (
    "[bold]x[/]",
    "[/]",
    "[link=file:///]",
    "<script>alert(1)</script>",
    "# h\n\n| a | b |\n|---|---|\n| 1 |",
    "```\nunclosed",
    "[a](b](c",
    "![x](data:,y)",
    "&amp;&#0;&#x110000;",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;x\x07",
    "{0} {name} {",
    "%s %d %(x)s %",
    "${HOME} `id` $(id)",
    "{{7*7}}",
    '* AND NEAR(a b) "x"^2 -y',
    "NOT",
    '"',
    "''",
    "\\",
    "\\u0000",
)
_RANGES = (
    (0x00, 0x20),
    (0x20, 0x7F),
    (0x7F, 0xA0),
    (0xA0, 0x250),
    (0x300, 0x370),
    (0x590, 0x700),
    (0x900, 0x980),
    (0x2000, 0x2070),
    (0x3040, 0x3100),
    (0x4E00, 0x4F00),
    (0xAC00, 0xAD00),
    (0xD800, 0xE000),
    (0xE000, 0xE010),
    (0xFE00, 0xFE10),
    (0xFFF0, 0x10000),
    (0x1F300, 0x1F650),
    (0xE0000, 0xE0080),
    (0x10FFF0, 0x110000),
)
_ODD = "\x00\ufeff\u2028\u2029\x0b\x0c\x85\u202e\u2066\u200d\u200b\ud800\udfff\r\t\n'\"\\;:/%?#~$`|&<>(){}[]*^-_=+,.! "


class Soup:
    """What a fuzzer feeds the program with.

    Attributes:
        known: Names that exist in the record at the moment, such as ids of sessions; odd arguments are mixed with them.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.known: list[str] = ["last"]

    def message(self) -> str:
        """What is sent to a conversation."""
        return self._one(
            (8, self.text),
            (5, self._request),
            (2, lambda: self._request() + " " + self.text()),
            (1, lambda: self.random.choice(SQL)),
            (1, lambda: self.random.choice(MARKUP)),
            (1, lambda: self.random.choice(["", " ", "\n", "\x00", "\ufeff"])),
        )

    def slash(self) -> str:
        """What is typed as a slash command."""
        name = self._one(
            (12, lambda: self.random.choice(SLASHES)),
            (1, lambda: self.random.choice(SLASHES)[: self.random.randint(0, 3)]),
            (1, self.text),
        )
        between = self.random.choice([" ", " ", " ", "  ", "\t", "\n", "\u3000", ""])
        arguments = [self.argument() for _ in range(self.random.choice([0, 1, 1, 1, 2, 3]))]
        return f"/{name}{between}{' '.join(arguments)}"

    def arguments(self) -> list[str]:
        """What stands on a command line: bytes without NUL, which no system can hand over, as Python decodes them."""
        words = [*self.random.choice(COMMANDS)]
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 5])):
            if self.random.random() < 0.6:
                option = self.random.choice(OPTIONS)
                words.append(option)
                if self.random.random() < 0.75:
                    words.append(self.argument())
            else:
                words.append(self.argument())
        if self.random.random() < 0.2:
            words.insert(self.random.randint(0, len(words)), self.random.choice(OPTIONS))
        given = (word.replace("\x00", "").encode("utf-8", "surrogatepass") for word in words)
        return [word.decode("utf-8", "surrogateescape") for word in given]

    def argument(self) -> str:
        """One value, of whatever kind."""
        return self._one(
            (4, lambda: self.random.choice(self.known)),
            (3, lambda: self.random.choice(NUMBERS)),
            (2, lambda: self.random.choice(TIMES)),
            (2, lambda: self.random.choice(FILES)),
            (2, lambda: self.random.choice(SQL)),
            (2, lambda: self.random.choice(MARKUP)),
            (
                1,
                lambda: self.random.choice(
                    ["", " ", "md", "html", "json", "on", "off", "dark", "offline", "bash", "NVDA"]
                ),
            ),
            (3, self.text),
        )

    def text(self) -> str:
        """Characters of all kinds."""
        return self._one(
            (6, lambda: self._of(self.random.choice(_RANGES), 12)),
            (4, lambda: "".join(self._of(self.random.choice(_RANGES), 2) for _ in range(self.random.randint(1, 8)))),
            (3, lambda: "".join(self.random.choices(_ODD, k=self.random.randint(1, 10)))),
            (2, lambda: " ".join(self._of((0x61, 0x7B), 9) for _ in range(self.random.randint(1, 12)))),
            (0.1, lambda: self._of(self.random.choice(_RANGES), 3) * self.random.choice([1_000, 20_000])),
        )

    def _request(self) -> str:
        request = self.random.choice(REQUESTS)
        return request.replace("{}", self.text() if self.random.random() < 0.5 else self.argument())

    def _of(self, between: tuple[int, int], longest: int) -> str:
        return "".join(chr(self.random.randrange(*between)) for _ in range(self.random.randint(1, longest)))

    def _one(self, *kinds: tuple[float, Callable[[], str]]) -> str:
        (make,) = self.random.choices([make for _, make in kinds], weights=[weight for weight, _ in kinds])
        return make()


def shown(line: str | Sequence[str]) -> str:
    """A line as it can be given again in Python, cut where it is very long."""
    told = repr(line) if isinstance(line, str) else repr(list(line))
    return told if len(told) <= 300 else f"{told[:200]}... ({len(told):,} characters)"
