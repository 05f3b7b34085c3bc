"""Count names that name nothing, such as `item` or `found`, in the sources of each package.

`python scripts/names.py` prints a line for each package and exits with 1 where one has more than
five of them in a thousand lines. One-line comprehensions may use them and are left out.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_PER_THOUSAND_LINES = 5.0
VAGUE = frozenset(
    "begun each found given it item kept left made said shop taken told".split()  # noqa: SIM905
)


class VagueNames(ast.NodeVisitor):
    """Counts the names and parameters of a module that are vague."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def visit_Name(self, node: ast.Name) -> None:
        """Count a name where it is bound or used."""
        self.counts[node.id] += node.id in VAGUE

    def visit_arg(self, node: ast.arg) -> None:
        """Count a parameter."""
        self.counts[node.arg] += node.arg in VAGUE
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.expr) -> None:
        """Look into a comprehension only where it takes several lines."""
        if node.lineno != node.end_lineno:
            self.generic_visit(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815


def vague_names_in(folder: Path) -> tuple[Counter[str], int]:
    """The vague names in the modules below a folder, and how many lines these have."""
    visitor, lines = VagueNames(), 0
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines += text.count("\n")
        visitor.visit(ast.parse(text))
    return +visitor.counts, lines


def main() -> int:
    """Print the share of each package; 1 where one has too many."""
    code = 0
    for folder in sorted(ROOT.glob("packages/*/src")):
        counts, lines = vague_names_in(folder)
        share = 1000 * counts.total() / max(lines, 1)
        listed = ", ".join(f"{name} {count}" for name, count in counts.most_common(5))
        print(f"{folder.parent.name}: {share:.1f} in 1,000 lines{f' ({listed})' if listed else ''}")
        code |= share > MOST_PER_THOUSAND_LINES
    return code


if __name__ == "__main__":
    sys.exit(main())
