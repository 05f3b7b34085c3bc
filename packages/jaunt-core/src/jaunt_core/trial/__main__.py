"""Start a trial under a private name: `python -P …/trial/__main__.py`, the task on its stdin.

With the argument `serve` it is many trials, one after the other or at once: see `harness.server`.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location

_PRIVATE_NAME = "_jaunt_trial"


def _start() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is costly
    spec = spec_from_file_location(
        _PRIVATE_NAME, f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:  # pragma: no cover - the file stands beside us
        raise SystemExit(2)
    package = module_from_spec(spec)
    sys.modules[_PRIVATE_NAME] = package
    spec.loader.exec_module(package)
    if sys.argv[1:] == ["serve"]:
        import_module(_PRIVATE_NAME + ".harness.server").serve_tasks()
    else:
        import_module(_PRIVATE_NAME + ".harness.main").run_task()


if __name__ == "__main__":
    _start()
