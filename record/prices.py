"""What tokens cost, by the price table that the user can edit (`prices.json`).

A model that is not in the table has no price, which is not a price of zero; a sum says for which models it has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from settings import DATA, user_data
from storage.errors import StorageError
from storage.stats.turns import ModelStats

FILE = DATA / "prices.json"
_MILLION = 1_000_000


def price_table() -> "Prices":
    """The user's own table where there is one, else the shipped one; in a checkout they are the same.

    Raises:
        StorageError: It is not a price table.
    """
    own = user_data() / FILE.name
    return Prices.read(own if own.exists() else FILE)


class Price(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(ge=0)
    output: float = Field(ge=0)


class Prices(BaseModel):
    """The table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str = ""
    as_of: str = ""
    models: Mapping[str, Price]

    @classmethod
    def read(cls, file: Path) -> "Prices":
        """The table in a file; an empty one when there is no such file.

        Raises:
            StorageError: It is not a price table.
        """
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return cls(models={})
        except (OSError, ValidationError) as error:
            why = error.errors()[0] if isinstance(error, ValidationError) else {"msg": str(error), "loc": ()}
            where = ".".join(map(str, why["loc"]))
            raise StorageError(
                f"{file} is not a price table: {where}{': ' if where else ''}{why['msg']}",
                'A line of it reads "model-name*": {"prompt": 0.30, "output": 2.50}.',
            ) from error

    def of(self, model: str) -> Price | None:
        """The price of a model, as it calls itself; a provider's name before a slash is not needed."""
        names = (model, model.rpartition("/")[2])
        fitting = [name for name in self.models if any(fnmatchcase(called, name) for called in names)]
        return self.models[max(fitting, key=len)] if fitting else None

    def cost(self, stats: ModelStats) -> float | None:
        """US dollars, or None where there is no price."""
        if not stats.prompt_tokens and not stats.output_tokens:
            return 0.0
        price = self.of(stats.model) if stats.model else None
        if price is None:
            return None
        return (stats.prompt_tokens * price.prompt + stats.output_tokens * price.output) / _MILLION

    def bill(self, listed: Iterable[ModelStats]) -> "Bill":
        """What several models cost together."""
        used = [stats for stats in listed if stats.prompt_tokens or stats.output_tokens]
        costs = [(stats.model or "unknown", self.cost(stats)) for stats in used]
        known = [cost for _, cost in costs if cost is not None]
        return Bill(sum(known) if known or not used else None, tuple(name for name, cost in costs if cost is None))


@dataclass(frozen=True, slots=True)
class Bill:
    """What was spent, in US dollars; None when nothing has a price.

    Attributes:
        dollars: The sum over models that have a price.
        without_price: The models that are not in it.
    """

    dollars: float | None
    without_price: tuple[str, ...]


def dollars(amount: float | None) -> str:
    """ "$12.30", "$0.0042", "no price"."""
    if amount is None:
        return "no price"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"
