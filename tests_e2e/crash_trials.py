"""One thing that `jaunt` does, on copies of a project, and what is right after each run of it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

from .crashing import CrashRunner, Ended, Place, Scenario

KILLED = -9

# What a message has to name: how the system calls the failure.
_SAID = ("No space left on device", "Permission denied", "Input/output error")


class Trials:
    """Runs of one scenario on copies of its project, and what is right after each of them."""

    def __init__(self, runner: CrashRunner, scenario: Scenario, folder: Path) -> None:
        self.runner = runner
        self.scenario = scenario
        self.start = runner.place(folder / "start", scenario)
        self.before = self.start.tree()
        self.folder = folder
        whole = runner.copy(self.start, folder / "whole")
        self.whole = runner.run(whole, scenario.arguments)
        assert self.whole.code == 0, self.whole.err
        assert whole.leftovers() == []
        self.after = whole.tree()
        self.asked = len(whole.asked())
        self.counts: Counter[str] = Counter()

    def try_at(self, step: int, how: str, number: int = 0, *, persistent: bool = False) -> None:
        """Stop at a step, look at what is there, and run again."""
        place = self.runner.copy(self.start, self.folder / "now")
        before = len(place.asked())
        ended = self.runner.run(
            place, self.scenario.arguments, at=step, how=how, number=number, persistent=persistent
        )
        what = f"{self.whole.steps[step - 1]} ({step}, {how} {number})"
        if how == "fail":
            self._check_failure(ended, place, what)
        else:
            assert ended.code == KILLED, (what, ended.err)
        self.look_at(place, what, before=before)
        if how == "fail":
            # Of what could not be removed the next run takes care that has something to do.
            assert self.runner.run(place, ("clean", "--orphans")).code == 0
        assert place.leftovers() == [], what
        shutil.rmtree(place.folder)

    def look_at(self, place: Place, what: str, *, before: int) -> None:
        """Make sure that what a run left is right, and is gone on with by the next one."""
        self._check_tree(place, what)
        stored, asked = place.stored(), len(place.asked())
        self._check_again(place, stored, what)
        again = place.asked()[asked:]
        if not self.scenario.asks_anew:
            assert not stored & set(again), what
            # What was on its way when it ended is all that may be asked for twice.
            assert len(place.asked()) <= self.asked + 1, what
            self.counts["asked twice, never stored"] += len(place.asked()) - self.asked
        self.counts["runs"] += 1
        self.counts["answers stored and used"] += len(stored) - before

    def _check_failure(self, ended: Ended, place: Place, what: str) -> None:
        assert ended.code in (0, 2, 3, 4), (what, ended.code, ended.err)
        assert "Traceback" not in ended.err, (what, ended.err)
        if ended.code:
            assert re.search(r"error: |failed ", ended.err), (what, ended.err)
            assert any(name in ended.err for name in _SAID), (what, ended.err)
        self.counts[f"exit code {ended.code}"] += 1

    def _check_tree(self, place: Place, what: str) -> None:
        """Every file is as before or as after, and whole."""
        tree = {path: text for path, text in place.tree().items() if ".jaunt-tmp" not in path}
        for path, text in tree.items():
            assert text in (self.before.get(path), self.after.get(path)), (what, path)
        for path in self.before.keys() & self.after.keys():
            assert path in tree, (what, path)
        if self.scenario.by_hand is not None:
            path, text = self.scenario.by_hand
            copies = place.project.glob(".jaunt/overwritten/**/*.py")
            held = [tree.get(path, b""), *(copy.read_bytes() for copy in copies)]
            assert any(text.encode() in content for content in held), what

    def _check_again(self, place: Place, stored: set[str], what: str) -> None:
        """The next run ends well, as if nothing had happened."""
        ended = self.runner.run(place, self.scenario.arguments)
        assert ended.code == 0, (what, ended.err)
        assert "damaged and was dropped" not in ended.err, (what, ended.err)
        assert "Traceback" not in ended.err, (what, ended.err)
        assert place.tree() == self.after, what
        assert stored <= place.stored(), what
