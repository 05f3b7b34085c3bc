"""The backend as core sees it: it gives a program the prompt and returns what it prints."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jaunt_backend_command.process import OUTPUT_LIMIT, last_lines, run_command
from jaunt_backend_command.program import environment_of, find_program
from jaunt_backend_command.settings import CommandSettings
from jaunt_core.backend import (
    BackendError,
    BackendSetup,
    FaultKind,
    GenerationRequest,
    GenerationResult,
    KeyUse,
    Message,
    ProgramResult,
    parse_settings,
)

_NOTE = "note: "
_YOUR_ANSWER = "===== your answer before ====="
_NEXT_TURN = "===== what to do now ====="


def connect(setup: BackendSetup) -> CommandBackend:
    """A backend that runs the program of the settings; nothing is started yet.

    Raises:
        JauntConfigError: A setting is missing or wrong.
    """
    return CommandBackend(setup, parse_settings(setup, CommandSettings))


class CommandBackend:
    """Runs one program per request; made by `connect`."""

    key_use = KeyUse(is_taken=False)

    def __init__(self, setup: BackendSetup, settings: CommandSettings) -> None:
        self._setup = setup
        self._settings = settings

    @property
    def name(self) -> str:
        """The provider as the user selects it in `[llm] provider`."""
        return self._setup.provider

    @property
    def fingerprint(self) -> str:
        """Provider, model and the command as it is written, as sorted JSON."""
        parts = {
            "provider": self._setup.provider,
            "model": self._setup.model,
            "command": self._settings.command,
        }
        return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """What the program printed; it counts no tokens and names no model.

        Raises:
            BackendError: The program is not there, failed, printed something else than text,
                or took too long.
        """
        result = await self._run(request)
        errors = last_lines(result.errors)
        # Asked first: the exit code then only says that we ended it.
        if result.is_cut:
            raise self._fault(
                f"printed more than {OUTPUT_LIMIT // 1024**2} MB",
                hint="it should print the answer alone on stdout",
            )
        if result.code != 0:
            complaint = f":\n{errors}" if errors else " and said nothing on stderr"
            raise self._fault(
                f"{_code_text(result.code)}{complaint}",
                hint="run the command of `[llm] command` by hand to see more",
            )
        try:
            return GenerationResult(text=result.output.decode("utf-8"), note=_note_in(errors))
        except UnicodeDecodeError as exc:
            raise self._fault(
                f"printed something that is not UTF-8, at byte {exc.start}",
                hint="it should print the answer as UTF-8 text on stdout",
            ) from None

    async def aclose(self) -> None:
        """Nothing: each program has ended with its request."""

    async def _run(self, request: GenerationRequest) -> ProgramResult:
        setup, settings = self._setup, self._settings
        program, *arguments = settings.command
        context = request.context
        return await run_command(
            (find_program(program, root=setup.root, environ=setup.environ), *arguments),
            shown=program,
            folder=setup.root,
            environ={
                **environment_of(setup),
                "JAUNT_KIND": context.kind.value,
                "JAUNT_SPEC_MODULE": context.spec_module,
                "JAUNT_GENERATED_MODULE": context.generated_module,
                "JAUNT_REQUEST": request.digest,
                "JAUNT_ATTEMPT": str(request.attempt),
                "JAUNT_MODEL": setup.model,
            },
            prompt=render_prompt(request.messages).encode("utf-8", "backslashreplace"),
            seconds=settings.timeout,
        )

    def _fault(self, what: str, *, hint: str) -> BackendError:
        program = self._settings.command[0]
        return BackendError(f"the command {program!r} {what}", kind=FaultKind.REQUEST, hint=hint)


def render_prompt(messages: Sequence[Message]) -> str:
    """The conversation as one text: what came before is marked, the last turn is the task."""
    parts: list[str] = []
    answered = False
    for message in messages:
        if message.role == "assistant":
            parts.append(_YOUR_ANSWER)
            answered = True
        elif answered:
            parts.append(_NEXT_TURN)
            answered = False
        parts.append(message.text.strip("\n"))
    return "\n\n".join(parts) + "\n"


def _note_in(errors: str) -> str:
    """What the program wants the user to know: the line on stderr that begins with `note: `."""
    lines = (line.strip() for line in errors.splitlines())
    return next((line.removeprefix(_NOTE) for line in lines if line.startswith(_NOTE)), "")


def _code_text(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
