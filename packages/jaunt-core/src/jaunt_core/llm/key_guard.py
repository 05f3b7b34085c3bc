"""Guard the key: it goes to confirmed addresses only, and no answer brings it back."""

from __future__ import annotations

import re
from dataclasses import replace

from jaunt_core.backend.address import addresses_in, is_known_address, origin_of
from jaunt_core.backend.masking import Masker
from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend, KeyUse
from jaunt_core.backend.token_counts import parse_usage
from jaunt_core.config.loading import line_of
from jaunt_core.errors import BackendError, FaultKind, JauntConfigError, JauntError
from jaunt_core.llm.trust_store import VARIABLE, TrustStore
from jaunt_core.model.generation import GenerationRequest, GenerationResult, TokenUsage
from jaunt_core.model.trust import Trusted, Unconfirmed
from jaunt_core.project.workspace import Workspace

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class KeyGuard:
    """Knows the key of a run, and what it may be used for; asked before the first call."""

    def __init__(self, workspace: Workspace) -> None:
        self._project = workspace.project
        self._environ = workspace.environ
        self.key = workspace.key
        self.masker = Masker([self.key.value])

    def around(self, backend: GeneratorBackend) -> GeneratorBackend:
        """The same backend, which sends the key nowhere unnoticed."""
        return _Guarded(backend, self)

    def unconfirmed(self, use: KeyUse) -> tuple[Unconfirmed, ...]:
        """The addresses in the project's settings that nobody has confirmed."""
        if not use.is_taken or (self.key.value is None and not self.key.variable.isidentifier()):
            return ()
        project, root = self._project, self._project.root
        addresses = [
            address
            for address in addresses_in(project.config.llm.settings)
            if not is_known_address(address.text, use.default_addresses)
        ]
        text = self._config_text() if addresses else ""
        confirmed = {*TrustStore(self._environ).of(root), *self._confirmed_for_this_run()}
        unconfirmed = []
        for address in addresses:
            line = line_of(text, ["llm", *address.keys])
            trusted = self._trusted(self.masker(address.origin))
            if trusted not in confirmed:
                unconfirmed.append(
                    Unconfirmed(
                        place=f"{project.config_path}:{line}" if line else f"{project.config_path}",
                        setting=f"[llm] {'.'.join(address.keys)}",
                        trusted=trusted,
                    )
                )
        return tuple(unconfirmed)

    def check(self, use: KeyUse) -> None:
        """Make sure that the key may be sent.

        Raises:
            JauntConfigError: It cannot be read, stands in `jaunt.toml`, or would go to an address
                that nobody has confirmed.
        """
        key = self.key
        if not use.is_taken:
            return
        if key.problem:
            raise JauntConfigError(
                key.problem, hint=f"correct it, or set {key.variable} in the environment"
            )
        if key.value is None:
            return
        self._check_settings()
        unconfirmed = self.unconfirmed(use)
        if unconfirmed:
            addresses = dict.fromkeys(address.trusted.address for address in unconfirmed)
            raise JauntConfigError(
                "\n".join(f"{address}, which you have not confirmed" for address in unconfirmed),
                hint=f"if it may go there, run in {self._project.root}: jaunt trust "
                f"(in CI, set {VARIABLE}={','.join(addresses)}); to send no key, let "
                "`[llm] api_key_env` name a variable that is not set",
            )

    def _check_settings(self) -> None:
        """Raise where the key itself was written into the file that everybody reads."""
        for number, line in enumerate(self._config_text().split("\n"), start=1):
            if self.masker.finds(line):
                raise JauntConfigError(
                    f"{self._project.config_path}:{number}: the key in ${self.key.variable} "
                    "stands in this line",
                    hint="remove it, and have the provider replace it if others have seen the file",
                )

    def _config_text(self) -> str:
        try:
            return self._project.config_path.read_text("utf-8-sig", "replace")
        except OSError:  # it has gone since
            return ""

    def _confirmed_for_this_run(self) -> tuple[Trusted, ...]:
        addresses = self._environ.get(VARIABLE, "").split(",")
        return tuple(self._trusted(origin_of(text)) for text in addresses if text.strip())

    def _trusted(self, address: str) -> Trusted:
        return Trusted(project=str(self._project.root), address=address, variable=self.key.variable)


class _Guarded:
    """A backend whose first call is preceded by the guard's check, and that never tells the key."""

    def __init__(self, backend: GeneratorBackend, guard: KeyGuard) -> None:
        self._backend = backend
        self._guard = guard
        self._is_checked = False

    @property
    def name(self) -> str:
        """That of the backend."""
        return self._backend.name

    @property
    def fingerprint(self) -> str:
        """That of the backend."""
        return self._backend.fingerprint

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """The backend's answer, the key taken out of it.

        Raises:
            BackendError: No answer came, or the request holds the key.
            JauntConfigError: The key must not be sent.
        """
        mask = self._guard.masker
        if not self._is_checked:
            self._guard.check(key_use_of(self._backend))
            self._is_checked = True
        if any(mask.finds(message.text) for message in request.messages):
            raise BackendError(
                f"the request for {request.context.spec_module} holds the key, and was not sent",
                kind=FaultKind.REQUEST,
                hint="take the key out of the project's files; jaunt build --show-prompt "
                f"{request.context.spec_module} shows where it is",
            )
        try:
            result = await self._backend.generate_module(_sendable(request))
        except Exception as error:
            _mask_error(error, mask)
            if isinstance(error, BackendError) and error.usage is not None:
                error.usage = _sane(error.usage)
            raise
        return replace(
            result,
            text=mask(result.text),
            model=mask(_encodable(result.model)),
            note=mask(_encodable(result.note)),
            usage=_sane(result.usage),
        )

    async def aclose(self) -> None:
        """Close the backend."""
        await self._backend.aclose()


def _encodable(text: str) -> str:
    """The text as UTF-8 can hold it: a lone half of a surrogate pair can be sent to nobody."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _sendable(request: GenerationRequest) -> GenerationRequest:
    """The request as it can be sent; a rejected answer in it may hold what no UTF-8 can."""
    messages = tuple(
        replace(message, text=_encodable(message.text)) for message in request.messages
    )
    return replace(request, messages=messages)


def _sane(usage: TokenUsage) -> TokenUsage:
    return parse_usage(usage.input, usage.cached, usage.output)


def _mask_error(error: BaseException | None, mask: Masker) -> None:
    """Take the key out of what an exception says, and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.args = tuple(mask(arg) if isinstance(arg, str) else arg for arg in error.args)
        if isinstance(error, JauntError) and error.hint is not None:
            error.hint = mask(error.hint)
        error = error.__cause__ or error.__context__


def setup_of(workspace: Workspace, model: str, key: str | None) -> BackendSetup:
    """What a backend for one model is made from."""
    llm = workspace.config.llm
    return BackendSetup(
        provider=llm.provider,
        model=model,
        settings=llm.settings,
        api_key_env=llm.api_key_env,
        api_key=key,
        environ=workspace.environ,
        root=workspace.root,
        config=workspace.project.config_path,
    )


def key_use_of(backend: GeneratorBackend) -> KeyUse:
    """What a backend says about the key; one that says nothing may send it anywhere."""
    key_use = getattr(backend, "key_use", None)
    return key_use if isinstance(key_use, KeyUse) else KeyUse()
