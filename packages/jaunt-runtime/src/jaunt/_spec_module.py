"""Spec modules as objects: whoever replaces a name in one replaces it for generated code too."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from jaunt import registry
from jaunt._dispatch import generated_name_of, is_initialising, load_generated
from jaunt._naming import module_name_of
from jaunt._patches import MISSING, follow
from jaunt.spec import SpecRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class SpecModule(ModuleType):
    """A module with specs, whose names the generated code looks up as if it stood there.

    `mock.patch("shop.cart.now")`, `monkeypatch.setattr(cart, "rate", fake)` and `cart.limit = 3`
    reach what generated code imported from `shop.cart`, and the specs of `shop.cart` that it calls.
    """

    # ModuleType has room for no more; and so `module.__class__` can be set to this.
    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        _replace(self, name, value, lambda: ModuleType.__setattr__(self, name, value))

    def __delattr__(self, name: str) -> None:
        _replace(self, name, MISSING, lambda: ModuleType.__delattr__(self, name))

    def __reduce__(self) -> tuple[Any, ...]:
        # Tools that pickle modules by name know them by their exact type only.
        return importlib.import_module, (self.__name__,)


def watch_module(namespace: dict[str, object]) -> None:
    """Let the module with this `__dict__` tell its generated code of names that are replaced."""
    module = sys.modules.get(str(namespace.get("__name__")))
    # One that is loaded lazily, say, is left alone.
    if type(module) is ModuleType and vars(module) is namespace:
        module.__class__ = SpecModule


def _replace(module: SpecModule, name: str, value: object, replace: Callable[[], None]) -> None:
    own = vars(module)
    before = own.get(name, MISSING)
    is_followed = not _is_import_machinery(module, name, value)
    # Loaded before anything is replaced, as the code of one module is.
    generated = _load_quietly(module) if is_followed and before is not value else None
    if name == "__spec__":
        # `importlib.reload` is about to run the module anew, to which generated code belongs.
        sys.modules.pop(generated_name_of(module_name_of(own), own), None)
    replace()
    if generated is not None:
        is_spec = registry.is_registered(SpecRef(f"{module_name_of(own)}:{name}"))
        follow(name, before, own=own, generated=vars(generated), is_spec=is_spec)


def _is_import_machinery(module: ModuleType, name: str, value: object) -> bool:
    """Return whether it is Python that binds the name: the module's own, or a submodule of it."""
    is_submodule = isinstance(value, ModuleType) and value.__name__ == f"{module.__name__}.{name}"
    return is_submodule or (name.startswith("__") and name.endswith("__"))


def _load_quietly(module: ModuleType) -> ModuleType | None:
    own = vars(module)
    name = module_name_of(own)
    if registry.is_discovering() or is_initialising(module.__name__):
        return sys.modules.get(generated_name_of(name, own))
    try:
        return load_generated(name, own)
    except Exception:  # noqa: BLE001 - the first call says what is wrong with generated code
        return None
