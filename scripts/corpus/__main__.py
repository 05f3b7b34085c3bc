"""`uv run python -m scripts.corpus`: send the corpus through the pipeline, and say what became."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.corpus.reading import CorpusError, Group, read_corpus
from scripts.corpus.running import Costs, Judged, measure, run_corpus
from scripts.corpus.table import UNSEEN, render_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "quality.md"
_LEAST = {"specs": 24, "wrong answers": 200, "right answers": 60}
_LEAST_SHARE = 0.95


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 1 where the corpus is not well formed, or the reach is not kept."""
    parser = argparse.ArgumentParser(prog="python -m scripts.corpus", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only whether it is well formed")
    parser.add_argument("--sample", type=int, metavar="N", help="N answers of each group")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    parser.add_argument("--group", action="append", default=[], help="only the group of this name")
    parser.add_argument("--no-costs", action="store_true", help="measure no CPU time")
    arguments = parser.parse_args(argv)
    try:
        groups = read_corpus()
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    short = _too_few(groups)
    if short or arguments.check:
        print(*(short or ["the corpus is well formed"]), sep="\n")
        return int(bool(short))
    if arguments.group:
        groups = tuple(group for group in groups if group.name in arguments.group)
    judged = list(run_corpus(groups, most=arguments.sample))
    costs = Costs(modules=0, parts={}) if arguments.no_costs else measure(groups)
    page = render_page(groups, judged, costs)
    if arguments.write:
        PAGE.write_text(page, "utf-8")
    print(page)
    return _verdict(judged)


def _too_few(groups: Sequence[Group]) -> list[str]:
    variants = [variant for group in groups for variant in group.variants]
    found = {
        "specs": sum(group.specs for group in groups),
        "wrong answers": sum(not variant.is_right for variant in variants),
        "right answers": sum(variant.is_right for variant in variants),
    }
    return [
        f"{found[what]} {what}, {least} are needed"
        for what, least in _LEAST.items()
        if found[what] < least
    ]


def _verdict(judged: Sequence[Judged]) -> int:
    """Say which answers were judged wrongly; 1 where there are more than nobody can see."""
    wrong = [item for item in judged if not item.variant.is_right]
    missed = [item for item in wrong if not item.stopped]
    rejected = [item for item in judged if item.variant.is_right and item.stopped]
    for what, items in (("landed", missed), ("rejected though right", rejected)):
        for item in items:
            codes = f" {', '.join(item.codes)}" if item.codes else ""
            print(f"{what}: {item.group}: {item.variant.kind}: {item.variant.title}{codes}")
    seen = [item for item in missed if not item.variant.kind.endswith(UNSEEN)]
    return int(bool(rejected or seen) or len(missed) > (1 - _LEAST_SHARE) * len(wrong))


if __name__ == "__main__":
    sys.exit(main())
