"""Requests that would be too long: what goes, in which order, and who is told."""

from __future__ import annotations

from collections.abc import Callable

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.events import Event, WarningRaised
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

MODELS = '''
    from enum import Enum


    class Size(Enum):
        """{size}"""

        SMALL = 1


    class Colour(Enum):
        """{colour}"""

        RED = 1
    '''
SPEC = '''
    import jaunt
    from models import Colour, Size

    @jaunt.magic
    def label(size: Size, colour: Colour) -> str:
        """{docstring}"""
    '''
ANSWER = (
    "from models import Colour, Size\n\n\n"
    "def label(size: Size, colour: Colour) -> str:\n    return f'{size} {colour}'\n"
)


def run(
    project: Project, **options: object
) -> tuple[BuildReport, list[str], list[GenerationRequest]]:
    events: list[Event] = []
    backend = ScriptedBackend({"shop": [ANSWER]})
    report = build(
        project,
        BuildOptions(**options),  # ty: ignore[invalid-argument-type]
        sink=events.append,
        environ={},
        load=loader_of(backend),
    )
    warnings = [event.message for event in events if isinstance(event, WarningRaised)]
    return report, warnings, backend.requests


def project_of(
    make_project: MakeProject, max_tokens: int, docstring: str = "The label."
) -> Project:
    models = MODELS.format(size="size " * 2000, colour="colour " * 2000)
    files = {"models.py": models, "shop.py": SPEC.format(docstring=docstring)}
    return make_project(files, f"[prompts]\nmax_tokens = {max_tokens}\n")


def test_what_fits_is_sent_whole(make_project: MakeProject) -> None:
    report, warnings, (request,) = run(project_of(make_project, 100_000))

    assert report.ok
    assert warnings == []
    assert "size size" in request.messages[-1].text
    assert "colour colour" in request.messages[-1].text


def test_the_longest_definition_goes_first_and_the_user_is_told(make_project: MakeProject) -> None:
    project = project_of(make_project, 5_000)

    report, warnings, (request,) = run(project)

    assert report.ok
    text = request.messages[-1].text
    assert "size size" in text
    assert "colour colour" not in text
    assert "### models:Colour (defined in models)\n\n```python\n# left out here" in text
    (warning,) = warnings
    assert warning.startswith("the request for shop was shortened to fit [prompts] max_tokens")
    assert warning.endswith("without models:Colour")


def test_the_version_before_goes_before_any_definition(make_project: MakeProject) -> None:
    run(project_of(make_project, 100_000))
    before = f"_TABLE = {'1' * 20_000!r}\n"
    path = make_project({}).root / "__generated__/shop.py"
    path.write_text(path.read_text("utf-8") + before, "utf-8")
    project = project_of(make_project, 8_000)

    _, warnings, (request,) = run(project, force=True)

    (warning,) = warnings
    assert warning.startswith("the request for shop was shortened to fit [prompts] max_tokens")
    assert warning.endswith("without the version before")
    assert "111" not in request.messages[-1].text


def test_specs_are_never_left_out(make_project: MakeProject) -> None:
    project = project_of(make_project, 5_000, docstring="label " * 10_000)

    report, _, requests = run(project)

    assert requests == []
    failure = report.modules[0].failure
    assert report.modules[0].outcome is Outcome.FAILED
    assert failure is not None
    assert "more than [prompts] max_tokens = 5000" in failure.message
    assert "split the module" in failure.hint
