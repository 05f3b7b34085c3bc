"""Which answer for a module was rejected last: the next build goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from jaunt_core.config.reading import read_regular
from jaunt_core.contracts.digest import ShownSpec
from jaunt_core.model.spec import Kind
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    Sync,
    as_landing_error,
    bounded_name,
    remove_file,
    remove_leftovers,
    replace_file,
    state_folder,
)

_FOLDER = "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAnswer:
    """The place of a rejected answer in the store, and what each spec said when it was asked."""

    key: str
    number: int
    specs: Mapping[str, ShownSpec]


class LastAnswers:
    """The last rejected answers for the modules of one kind that have not landed since."""

    def __init__(self, root: Path, kind: Kind) -> None:
        self._root = root
        self._kind = kind
        self._is_swept = False

    def save(self, module: str, last: LastAnswer) -> None:
        """Note the answer that was rejected last.

        Raises:
            LandingError: It cannot be written.
        """
        folder = state_folder(self._root, _FOLDER, self._kind.value)
        path = self._path(module)
        with as_landing_error(path):
            if not self._is_swept:
                self._is_swept = True
                remove_leftovers(folder)
            # Not synced: where a power cut takes it, the module is asked for from the beginning.
            replace_file(path, json.dumps(asdict(last)).encode(), sync=Sync.NOTHING)

    def of(self, module: str) -> LastAnswer | None:
        """The answer for a module that was rejected last, None where there is none."""
        try:
            content = json.loads(read_regular(self._path(module)))
            specs = {str(name): ShownSpec(**shown) for name, shown in content["specs"].items()}
            return LastAnswer(key=str(content["key"]), number=int(content["number"]), specs=specs)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None

    def remove(self, module: str) -> None:
        """Forget the answer of a module whose code has landed since."""
        with suppress(OSError):  # it would be judged anew before anything came of it
            remove_file(self._path(module))

    def _path(self, module: str) -> Path:
        folder = self._root / STATE_FOLDER / _FOLDER / self._kind.value
        return folder / f"{bounded_name(module)}.json"
