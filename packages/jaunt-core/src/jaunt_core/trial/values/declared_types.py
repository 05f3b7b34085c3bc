"""What a function is declared to return, as far as that can be told of a value."""

from __future__ import annotations

from typing import NamedTuple


class Declared(NamedTuple):
    """The annotation of a result, empty where there is none.

    `kinds` are the built-in types whose values may be returned, none where others may be, too.
    """

    text: str = ""
    kinds: frozenset[str] = frozenset()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is to be returned, or the annotation does not tell."""
        return not self.text or self.kinds == {"None"}

    def is_missed_by(self, shown: object, got: object) -> bool:
        """Whether what is shown cannot be what is declared, while a value can."""
        return bool(self.kinds) and not self._allows(shown) and self._allows(got)

    def _allows(self, value: object) -> bool:
        if value is None or isinstance(value, bool):
            return ("None" if value is None else "bool") in self.kinds
        return any(kind.__name__ in self.kinds for kind in type(value).__mro__)
