"""Random projects with real files: runs that rely on the last one plan like runs that do not."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from jaunt_core.config.loading import load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import inspect_project
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.model.inspection import Inspection
from jaunt_core.model.plan import Action
from jaunt_core.testing import loader_of

ENVIRON = {"PATH": os.environ["PATH"]}
PACKAGES = ("one", "one.two", "three")
SPECS = 9
HELPERS = 3
STEPS = 10


class Instant:
    """Answers every request with functions that return 0."""

    name = fingerprint = "instant"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        self.asked.append(request.context.spec_module)
        names = [expected.declaration for expected in request.context.expected]
        return GenerationResult(text="\n\n\n".join(f"{name}:\n    return 0" for name in names))

    async def aclose(self) -> None:
        """Do nothing: no connection is open."""


class Shuffled:
    """A project of layered modules that is edited at random.

    Module number n may use those below it. `docs` and `uses` say what is in each file, None for a
    module that is not there.
    """

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self.chance = chance
        self.docs: list[str | None] = [None] * SPECS
        self.uses: list[dict[int, str]] = [{} for _ in range(SPECS)]
        self.limits = [0] * HELPERS
        (root / "jaunt.toml").write_text("version = 1\n")
        for package in PACKAGES:
            folder = root / package.replace(".", "/")
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_text("")
        for number in range(HELPERS):
            self.write_helper(number)
        for number in range(SPECS):
            self.docs[number] = "begin"
            self.write(number)

    def name(self, number: int) -> str:
        return f"{PACKAGES[number % len(PACKAGES)]}.m{number}"

    def path(self, number: int) -> Path:
        return self.root / (self.name(number).replace(".", "/") + ".py")

    def write_helper(self, number: int) -> None:
        below = f"from one.h{number - 1} import L{number - 1}\n" if number else ""
        rest = f" + L{number - 1}" if number else ""
        text = f"{below}L{number} = {self.limits[number]}{rest}\n"
        (self.root / f"one/h{number}.py").write_text(text)

    def write(self, number: int) -> None:
        task = self.docs[number]
        if task is None:
            self.path(number).unlink(missing_ok=True)
            return
        imports, body, prose = ["import jaunt", "import one.h0", "from one.h2 import L2"], [], []
        for other, how in sorted(self.uses[number].items()):
            if self.docs[other] is None:
                continue
            if how == "prose":
                prose.append(f"See `{self.name(other)}.f{other}`.")
                continue
            imports.append(f"from {self.name(other)} import f{other}")
            body.append(f"    f{other}()\n" if how == "code" else "")
        deps = [f"f{o}" for o, how in self.uses[number].items() if how == "deps" and self.docs[o]]
        limit = "L2" if number % 2 else "one.h0.L0"
        self.path(number).write_text(
            "\n".join(imports)
            + f"\n\n\n@jaunt.magic(deps=[{', '.join(deps)}])\ndef f{number}() -> int:\n"
            + f'    """Do {task}, at most {limit}. {" ".join(prose)}"""\n'
            + ("".join(body) or "    ...\n")
        )

    def edit(self) -> str:
        """Make one edit of a random kind, and return what it was."""
        kinds = [self.reword, self.link, self.limit, self.add_or_remove, self.touch, self.spoil]
        return self.chance.choice(kinds)()

    def reword(self) -> str:
        number = self.chance.randrange(SPECS)
        if self.docs[number] is not None:
            self.docs[number] = self.chance.choice(("this", "that", "begin"))
        self.write(number)
        return f"reword {number}"

    def link(self) -> str:
        number = self.chance.randrange(1, SPECS)
        other = self.chance.randrange(number)
        if self.uses[number].pop(other, None) is None:
            self.uses[number][other] = self.chance.choice(("deps", "code", "prose", "import"))
        self.write(number)
        return f"link {number} {other}"

    def limit(self) -> str:
        number = self.chance.randrange(HELPERS)
        self.limits[number] = self.chance.randrange(3)
        self.write_helper(number)
        return f"limit {number}"

    def add_or_remove(self) -> str:
        number = self.chance.randrange(SPECS)
        self.docs[number] = "begin" if self.docs[number] is None else None
        for again in range(number, SPECS):  # those that use it
            self.write(again)
        return f"add or remove {number}"

    def touch(self) -> str:
        for path in self.root.rglob("*.py"):
            path.touch()
        return "touch"

    def spoil(self) -> str:
        generated = sorted(self.root.rglob("__generated__/m*.py"))
        if not generated:
            return "nothing to spoil"
        path = self.chance.choice(generated)
        how = self.chance.choice(("lose", "damage", "edit"))
        if how == "lose":
            path.unlink()
        elif how == "damage":
            path.write_text("")
        else:
            path.write_text(path.read_text() + "\nEXTRA = 1\n")
        return f"{how} {path.name}"

    def inspect(self, root: Path) -> Inspection:
        return inspect_project(load_project(root=root), environ=ENVIRON, load=None)

    def build(self) -> list[str]:
        backend = Instant()
        build(
            load_project(root=self.root),
            BuildOptions(),
            sink=lambda _: None,
            environ=ENVIRON,
            load=loader_of(backend),
        )
        return sorted(backend.asked)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))]
)
def test_the_cache_changes_no_plan(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "project"
    root.mkdir()
    shuffled = Shuffled(root, chance)
    shuffled.build()
    done: list[str] = []
    for _ in range(STEPS):
        done += [shuffled.edit() for _ in range(chance.randrange(1, 4))]
        scratch_root = tmp_path / "scratch"
        shutil.copytree(root, scratch_root, ignore=shutil.ignore_patterns(".jaunt"))
        scratch = shuffled.inspect(scratch_root)
        cached = shuffled.inspect(root)
        shutil.rmtree(scratch_root)
        for mine, theirs in zip(cached.modules, scratch.modules, strict=True):
            assert mine.name == theirs.name, done
            assert mine.action is theirs.action, (mine.name, done)
            assert mine.reasons == theirs.reasons, (mine.name, done)
            assert mine.module_digest == theirs.module_digest, (mine.name, done)
        assert cached.orphans == scratch.orphans, done
        if chance.random() < 0.5:
            stale = {module.name for module in cached.modules if module.action is Action.GENERATE}
            assert set(shuffled.build()) <= stale
