"""A class spec: what it needs at import stands above it, every public member is declared.

In a project this would be `src/shop/stock.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import jaunt

# Above the class spec: the generated class is imported at the line of `@jaunt.magic`, when nothing
# below that line exists yet. It may use all of this, for example as a default.
DEFAULT_CAPACITY = 1_000


@dataclass(frozen=True, order=True)
class Item:
    """Something that is kept in stock, known by its code."""

    code: str
    name: str


class OutOfStockError(LookupError):
    """More was taken than there is."""

    def __init__(self, item: Item, missing: int) -> None:
        """Make the error; its text is "3 short of A1"."""
        super().__init__(f"{missing} short of {item.code}")
        self.item = item
        self.missing = missing


@jaunt.magic(deps=[OutOfStockError])
class Stock:
    """How many there are of each item, up to a capacity for all of them together.

    A new stock is empty. Quantities are never negative; an item with quantity 0 is not in stock.
    Methods that raise leave the stock as it was.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        """Make an empty stock. Raise ValueError, "capacity must be positive", if it is not."""
        raise NotImplementedError

    @property
    def free(self) -> int:
        """How many more fit in."""
        raise NotImplementedError

    def __contains__(self, item: object) -> bool:
        """Tell whether the item is in stock. Objects of other types never are."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items in stock, ordered by code, each once."""
        raise NotImplementedError

    def put(self, item: Item, quantity: int = 1) -> int:
        """Add to an item, and return how many of it there are now.

        Raises:
            ValueError: "quantity must be positive", or "no room for 5 more" (with the quantity).
        """
        raise NotImplementedError

    def take(self, item: Item, quantity: int = 1) -> int:
        """Take from an item, and return how many of it are left.

        Raises:
            ValueError: "quantity must be positive".
            OutOfStockError: With the number that is missing, if there are not enough.
        """
        raise NotImplementedError


@jaunt.magic()
def restock(stock: Stock, wanted: dict[Item, int]) -> list[Item]:
    """Fill the stock up to the wanted quantities, and return the items that were added to.

    Items are filled in the order of `wanted`; of which there is enough already, they are left
    alone. If not all of an item fits in, as many as fit are put, and the items after it are not.
    """
    raise NotImplementedError
