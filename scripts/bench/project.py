"""Synthetic projects: layers of spec modules, and as many handwritten ones."""

from __future__ import annotations

from pathlib import Path

LAYERS = 5
SPECS = 3

_MODULE = '''"""Module {number} of layer {layer}."""

from __future__ import annotations

import jaunt

from app.hand.h{number:05d} import LIMIT_{number}, Record{number}
{imports}

{specs}'''

_SPEC = '''
@jaunt.magic()
def f{number}_{index}(record: Record{number}, factor: int = {index}) -> int:
    """Scale the record.

    Multiplies `record.count` by `factor`, at most LIMIT_{number}.
    """
    # first look at the count
    return {calls}
'''

_HANDWRITTEN = '''"""Handwritten module {number}."""

from dataclasses import dataclass

LIMIT_{number} = {number}


@dataclass(frozen=True)
class Record{number}:
    """A record."""

    name: str
    count: int


def describe(record: Record{number}) -> str:
    """Say what a record is."""
    return f"{{record.name}}: {{record.count}}"
'''


def write_project(root: Path, modules: int, *, layers: int = LAYERS) -> None:
    """Write a project of `modules` spec modules with three specs each, and as many handwritten.

    Each module but those of the lowest layer builds on two modules of the layer below.
    """
    package, hand = root / "app", root / "app" / "hand"
    hand.mkdir(parents=True)
    (root / "jaunt.toml").write_text('version = 1\n\n[paths]\nsource_roots = ["."]\n', "utf-8")
    for folder in (package, hand):
        (folder / "__init__.py").write_text("", "utf-8")
    width = max(1, modules // layers)
    for number in range(modules):
        layer = min(number // width, layers - 1)
        (package / f"m{number:05d}.py").write_text(_module_text(number, layer, width), "utf-8")
        text = _HANDWRITTEN.format(number=number)
        (hand / f"h{number:05d}.py").write_text(text, "utf-8")


def _module_text(number: int, layer: int, width: int) -> str:
    below = []
    if layer:
        first = (layer - 1) * width
        below = [first + number % width, first + (number + 1) % width]
    imports = "\n".join(f"from app.m{it:05d} import f{it}_0" for it in dict.fromkeys(below))
    calls = " + ".join(f"f{it}_0.__doc__" for it in dict.fromkeys(below)) or "0"
    specs = "\n".join(
        _SPEC.format(number=number, index=index, calls=calls) for index in range(SPECS)
    )
    return _MODULE.format(number=number, layer=layer, imports=imports, specs=specs)


def leaf_of(root: Path) -> Path:
    """A module that nothing builds on."""
    return max((root / "app").glob("m*.py"))


def edit(path: Path, number: int) -> None:
    """Change what a module's specs say."""
    text = path.read_text("utf-8")
    head, _, tail = text.partition("Scale the record")
    rest = tail.partition(".")[2]
    path.write_text(f"{head}Scale the record, edition {number}.{rest}", "utf-8")


__all__ = ["LAYERS", "SPECS", "edit", "leaf_of", "write_project"]
