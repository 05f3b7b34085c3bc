"""`jaunt.toml`: defaults, where it is looked for, and how its mistakes are said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jaunt_core.config.loading import load_config, load_project, require_prices
from jaunt_core.config.locate import find_config
from jaunt_core.config.models import Config
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.lint import LintCode


def written(folder: Path, text: str | bytes, name: str = "jaunt.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistake(folder: Path, text: str | bytes) -> tuple[str, str | None]:
    """What is said about a file, its folder left out, and the hint."""
    path = written(folder, text)
    with pytest.raises(JauntConfigError) as raised:
        load_config(path)
    return str(raised.value.args[0]).replace(f"{folder}/", ""), raised.value.hint


DEFAULTS: dict[str, dict[str, Any]] = {
    "paths": {
        "source_roots": ("src", "."),
        "test_roots": ("tests",),
        "generated_dir": "__generated__",
        "python": "",
    },
    "llm": {"provider": "openai", "model": "gpt-5.2", "api_key_env": "OPENAI_API_KEY"},
    "build": {
        "jobs": 8,
        "infer_deps": True,
        "attempts": 2,
        "escalate": (),
        "run_examples": True,
        "type_check": "auto",
    },
    "test": {
        "jobs": 4,
        "infer_deps": True,
        "pytest_args": ("-q",),
        "run_trials": True,
        "type_check": "tell",
    },
    "prompts": {
        "build_system": "",
        "build_module": "",
        "test_system": "",
        "test_module": "",
        "max_tokens": 100_000,
    },
    "lint": {code.value: True for code in LintCode},
    "prices": {},
    "budget": {"max_tokens": None, "max_cost": None, "confirm_above": None},
}
OTHERS: dict[str, dict[str, Any]] = {
    "paths": {
        "source_roots": ("lib",),
        "test_roots": ("checks", "more/checks"),
        "generated_dir": "made",
        "python": ".venv",
    },
    "llm": {"provider": "command", "model": "m", "api_key_env": "KEY"},
    "build": {
        "jobs": 1,
        "infer_deps": False,
        "attempts": 3,
        "escalate": ("m", "n"),
        "run_examples": False,
        "type_check": "mypy",
    },
    "test": {
        "jobs": 2,
        "infer_deps": False,
        "pytest_args": (),
        "run_trials": False,
        "type_check": "strict",
    },
    "prompts": {
        "build_system": "a",
        "build_module": "b",
        "test_system": "c",
        "test_module": "d",
        "max_tokens": 9,
    },
    "lint": {code.value: False for code in LintCode},
    "prices": {},
    "budget": {"max_tokens": 5, "max_cost": 2.5, "confirm_above": 0},
}
KEYS = [(section, key) for section, table in DEFAULTS.items() for key in table]


def toml_of(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml_of, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_defaults(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, "version = 1\n"))

    assert config.model_dump(by_alias=True) == {"version": 1, **DEFAULTS}
    assert config.llm.settings == {}


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_one_key_is_set_and_the_others_keep_their_defaults(
    tmp_path: Path, section: str, key: str
) -> None:
    value = OTHERS[section][key]
    text = f"version = 1\n[{section}]\n{key} = {toml_of(value)}\n"
    wanted = {"version": 1, **DEFAULTS, section: {**DEFAULTS[section], key: value}}
    if key == "max_cost":
        text += '[prices."gpt-5.2"]\ninput = 1\noutput = 1\n'
        wanted["prices"] = {"gpt-5.2": {"input": 1.0, "cached_input": None, "output": 1.0}}

    config = load_config(written(tmp_path, text))

    assert value != DEFAULTS[section][key]
    assert config.model_dump(by_alias=True) == wanted


PRICES = """
[prices."gpt-5.2"]
input = 1.25
cached_input = 0.125
output = 10
[prices.small]
input = 0
output = 0.5
"""


def test_prices_are_by_model(tmp_path: Path) -> None:
    prices = load_config(written(tmp_path, f"version = 1\n{PRICES}")).prices
    assert {name: price.model_dump() for name, price in prices.items()} == {
        "gpt-5.2": {"input": 1.25, "cached_input": 0.125, "output": 10.0},
        "small": {"input": 0.0, "cached_input": None, "output": 0.5},
    }


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[prices."gpt-5.2"]\ninput = 1\n', 2, '[prices."gpt-5.2"] output is missing'),
        ('[prices."gpt-5.2"]\ninput = -1\noutput = 1\n', 3, "it must be 0 or more"),
        ('[prices."gpt-5.2"]\ninput = "1"\noutput = 1\n', 3, "it must be a number"),
        ('[prices."gpt-5.2"]\ninput = nan\noutput = 1\n', 3, "it must be a number"),
        ('[prices."gpt-5.2"]\ninptu = 1\noutput = 1\n', 3, "did you mean input?"),
        ("[prices]\ninput = 1\n", 3, "prices belong to a model"),
        ("[budget]\nmax_cost = 0\nmax_tokens = 0\n", 4, "it must be 1 or more"),
        ("[budget]\nconfirm_above = -1\n", 3, "it must be 0 or more"),
        ("[budget]\nconfirm_over = 1\n", 3, "did you mean confirm_above?"),
        (f"{PRICES}[budget]\nmax_cost = 1\n[llm]\nmodel = 'b.c'\n", 11, 'into [prices."b.c"]'),
        (f"{PRICES}[build]\nescalate = ['big']\n[budget]\nmax_cost = 1\n", 13, "of big is unknown"),
    ],
)
def test_wrong_prices_and_budgets(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path, f"version = 1\n{text}")
    with pytest.raises(JauntConfigError) as caught:
        # What a ceiling of cost lacks is no matter where nobody is asked.
        require_prices(load_project(config=path))
    shown = f"{caught.value.args[0]} {caught.value.hint}"
    assert shown.startswith(f"{path}:{line}: "), shown
    assert message in shown


def test_a_ceiling_of_cost_with_all_prices(tmp_path: Path) -> None:
    text = f"version = 1\n{PRICES}[budget]\nmax_cost = 1\n[build]\nescalate = ['small']\n"
    project = load_project(config=written(tmp_path, text))
    require_prices(project)
    assert project.config.budget.max_cost == 1.0


def test_keys_of_the_backend_are_passed_on(tmp_path: Path) -> None:
    text = 'version = 1\n[llm]\nbase_url = "http://localhost"\ntimeout = 5\ncommand = ["a", "b"]\n'
    config = load_config(written(tmp_path, text))

    assert config.llm.settings == {
        "base_url": "http://localhost",
        "timeout": 5,
        "command": ["a", "b"],
    }


UNKNOWN = {
    "a section": (
        "version = 1\n\n[pathes]\n",
        "3: unknown section or key pathes",
        "did you mean paths?",
    ),
    "a key above": (
        "versoin = 2\nversion = 1\n",
        "1: unknown section or key versoin",
        "did you mean version?",
    ),
    "a key in a section": (
        "version = 1\n[build]\njobs = 3\njob = 4\n",
        "4: unknown key [build] job",
        "did you mean jobs?",
    ),
    "the right key in the wrong section": (
        "version = 1\n[build]\npytest_args = []\n",
        "3: unknown key [build] pytest_args",
        "valid here: attempts, escalate, infer_deps, jobs, run_examples, type_check",
    ),
    "nothing near": (
        "version = 1\n[xyzzy]\na = 1\n",
        "2: unknown section or key xyzzy",
        "valid here: budget, build, lint, llm, paths, prices, prompts, test, version",
    ),
    "a dotted key": (
        "version = 1\ntest.job = 4\n",
        "2: unknown key [test] job",
        "did you mean jobs?",
    ),
    "a quoted key": (
        'version = 1\n["test"]\n"job" = 4\n',
        "3: unknown key [test] job",
        "did you mean jobs?",
    ),
    "an inline table": (
        "version = 1\ntest = { job = 4 }\n",
        "2: unknown key [test] job",
        "did you mean jobs?",
    ),
    "a section inside one": (
        "version = 1\n[paths.roots]\na = 1\n",
        "2: unknown key [paths] roots",
        "did you mean test_roots?",
    ),
    "the same name in another section": (
        "version = 1\n[build]\nattempts = 1\n[test]\n# attempts = 1\nattempts = 1\n",
        "6: unknown key [test] attempts",
        "valid here: infer_deps, jobs, pytest_args, run_trials, type_check",
    ),
    "windows lines": (
        "version = 1\r\n[build]\r\njob = 4\r\n",
        "3: unknown key [build] job",
        "did you mean jobs?",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_names(tmp_path: Path, name: str) -> None:
    text, message, hint = UNKNOWN[name]

    assert mistake(tmp_path, text) == (f"jaunt.toml:{message}", hint)


OUTSIDE = "is not a folder below the project's own"
WRONG = [
    ("version = 2", "1: version = 2", "it must be 1, the only version that there is"),
    ('version = "1"', '1: version = "1"', "it must be 1, the only version that there is"),
    ("version = true", "1: version = true", "it must be 1, the only version that there is"),
    ("[build]\njobs = 0", "3: [build] jobs = 0", "it must be 1 or more"),
    ("[build]\njobs = -1", "3: [build] jobs = -1", "it must be 1 or more"),
    ('[build]\njobs = "8"', '3: [build] jobs = "8"', "it must be a whole number"),
    ("[build]\njobs = 1.5", "3: [build] jobs = 1.5", "it must be a whole number"),
    ("[build]\njobs = true", "3: [build] jobs = true", "it must be a whole number"),
    ("[build]\nattempts = 0", "3: [build] attempts = 0", "it must be 1 or more"),
    (
        '[build]\ntype_check = "MyPy"',
        '3: [build] type_check = "MyPy"',
        "it must be 'auto', 'off', 'ty', 'mypy' or 'pyright'",
    ),
    (
        "[build]\ntype_check = true",
        "3: [build] type_check = true",
        "it must be 'auto', 'off', 'ty', 'mypy' or 'pyright'",
    ),
    ("[build]\ninfer_deps = 1", "3: [build] infer_deps = 1", "it must be true or false"),
    ('[test]\ninfer_deps = "no"', '3: [test] infer_deps = "no"', "it must be true or false"),
    ('[test]\npytest_args = "-q"', '3: [test] pytest_args = "-q"', "it must be a list"),
    ("[test]\npytest_args = [\n1]", "3: [test] pytest_args = 1", "it must be text in quotes"),
    ("[llm]\nmodel = 5", "3: [llm] model = 5", "it must be text in quotes"),
    ("[prompts]\ntest_module = []", "3: [prompts] test_module = []", "it must be text in quotes"),
    ("build = 8", "2: build = 8", "it must be a section, [build]"),
    ("[[build]]\njobs = 8", '2: build = [{"jobs": 8}]', "it must be a section, [build]"),
    ("llm = []", "2: llm = []", "it must be a section, [llm]"),
    ('[paths]\nsource_roots = "src"', '3: [paths] source_roots = "src"', "it must be a list"),
    ("[paths]\nsource_roots = [1]", "3: [paths] source_roots = 1", "it must be text in quotes"),
    ('[paths]\nsource_roots = [".."]', '3: [paths] source_roots = [".."]', f"'..' {OUTSIDE}"),
    (
        '[paths]\nsource_roots = ["a/../b"]',
        '3: [paths] source_roots = ["a/../b"]',
        f"'a/../b' {OUTSIDE}",
    ),
    ('[paths]\nsource_roots = ["/tmp"]', '3: [paths] source_roots = ["/tmp"]', f"'/tmp' {OUTSIDE}"),
    (
        '[paths]\ntest_roots = ["../tests"]',
        '3: [paths] test_roots = ["../tests"]',
        f"'../tests' {OUTSIDE}",
    ),
    ('[paths]\ntest_roots = [" "]', '3: [paths] test_roots = [" "]', f"' ' {OUTSIDE}"),
    (
        '[paths]\ntest_roots = ["a", "./a/"]',
        '3: [paths] test_roots = ["a", "./a/"]',
        "the same folder is listed twice",
    ),
    (
        '[paths]\ngenerated_dir = "a/b"',
        '3: [paths] generated_dir = "a/b"',
        "'a/b' is not a name that Python can import",
    ),
    (
        '[paths]\ngenerated_dir = ""',
        '3: [paths] generated_dir = ""',
        "'' is not a name that Python can import",
    ),
    (
        '[paths]\ngenerated_dir = "class"',
        '3: [paths] generated_dir = "class"',
        "'class' is not a name that Python can import",
    ),
    (
        '[paths]\ngenerated_dir = "tests"',
        '3: [paths] generated_dir = "tests"',
        "'tests' is a root, or a folder around one",
    ),
    (
        '[paths]\nsource_roots = ["a/made/b"]\ngenerated_dir = "made"',
        '4: [paths] generated_dir = "made"',
        "'made' is a root, or a folder around one",
    ),
    (
        f'[paths]\npython = ["{"x" * 100}"]',
        f'3: [paths] python = ["{"x" * 78}…',
        "it must be text in quotes",
    ),
]


@pytest.mark.parametrize(("text", "place", "why"), WRONG)
def test_wrong_values(tmp_path: Path, text: str, place: str, why: str) -> None:
    if not text.startswith("version"):
        text = f"version = 1\n{text}"
    name = place.partition(": ")[2].partition(" = ")[0]

    assert mistake(tmp_path, f"{text}\n") == (
        f"jaunt.toml:{place} is not valid: {why}",
        f"correct {name}",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version = \n", "jaunt.toml:1: no valid TOML: invalid value"),
        (b"version = 1\n[build\n", "jaunt.toml:2: no valid TOML: "),
        (b"version = 1\n[build]\n\njobs 8\n", "jaunt.toml:4: no valid TOML: "),
        (b"version = 1\nversion = 1\n", "jaunt.toml:2: no valid TOML: "),
        (b'version = "1', "jaunt.toml: no valid TOML: "),
        (b"version = " + b"[" * 50_000, "jaunt.toml: no valid TOML: "),
        (b"version = 1\n# caf\xe9\n", "jaunt.toml:2: this is no UTF-8"),
        ("version = 1\n".encode("utf-16"), "jaunt.toml:1: this is no UTF-8"),
        (b"", "jaunt.toml: the key version is missing"),
        (b"[build]\njobs = 8\n", "jaunt.toml: the key version is missing"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    assert mistake(tmp_path, content)[0].startswith(message)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfversion = 1\n[build]\njobs = 3\n",
        b"version = 1\r\n\r\n[build]\r\njobs = 3\r\n",
        b"version=1\nbuild.jobs=3",
        b"build = { jobs = 3 }\nversion = 1 # one",
    ],
)
def test_spellings_of_the_same(tmp_path: Path, content: bytes) -> None:
    config = load_config(written(tmp_path, content))

    assert config == Config.model_validate({"version": 1, "build": {"jobs": 3}})


def test_it_is_found_by_walking_upward(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    deep = root / "project/a/b"
    deep.mkdir(parents=True)
    (root / "project/a/jaunt.toml").mkdir()
    written(root / "project", "version = 1\n")
    written(root, "version = 1\n[build]\njobs = 1\n")

    project = load_project(root=deep)

    assert find_config(root=deep) == root / "project/jaunt.toml"
    assert (project.root, project.config_path) == (root / "project", root / "project/jaunt.toml")
    assert project.config.build.jobs == 8
    assert load_project(root=root / "project").root == root / "project"
    assert load_project(root=root).config.build.jobs == 1


def test_the_working_directory_is_where_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    written(tmp_path, "version = 1\n")
    monkeypatch.chdir(tmp_path / "a")

    assert load_project().root == tmp_path.resolve()


def test_links_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    written(tmp_path / "real", "version = 1\n")
    (tmp_path / "link").symlink_to("real")

    project = load_project(root=tmp_path / "link")

    assert project.root == tmp_path.resolve() / "real"


def test_a_config_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path = written(tmp_path / "elsewhere", "version = 1\n[build]\njobs = 2\n", "other.toml")
    written(tmp_path, "version = 1\n")

    project = load_project(root=tmp_path, config=path)

    assert (project.root, project.config.build.jobs) == (tmp_path.resolve() / "elsewhere", 2)
    assert project.config_path == tmp_path.resolve() / "elsewhere/other.toml"


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JauntConfigError) as nothing:
        load_project(root=Path(tmp_path.anchor, "dev"))
    with pytest.raises(JauntConfigError) as no_folder:
        load_project(root=tmp_path / "nowhere")
    with pytest.raises(JauntConfigError) as no_file:
        load_project(config=tmp_path)

    assert nothing.value.args[0] == "no jaunt.toml in /dev or above it"
    assert "version = 1" in str(nothing.value.hint)
    assert no_folder.value.args[0] == f"{tmp_path}/nowhere is no folder"
    assert no_file.value.args[0] == f"{tmp_path} is no file"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "version = 1\n")
    path.chmod(0)

    with pytest.raises(JauntConfigError, match="cannot be read: Permission denied"):
        load_config(path)
