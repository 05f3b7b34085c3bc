"""Start the worker under a private name: `python -P …/worker/__main__.py`."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

_PRIVATE_NAME = "_jaunt_worker"


def _start() -> None:
    if find_spec("jaunt") is None:
        sys.stdout.write('{"missing": "jaunt-runtime"}\n')
        return
    folder = Path(__file__).parent
    spec = spec_from_file_location(
        _PRIVATE_NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:  # pragma: no cover - the file stands beside this one
        raise SystemExit(2)
    package = module_from_spec(spec)
    sys.modules[_PRIVATE_NAME] = package
    spec.loader.exec_module(package)
    import_module(_PRIVATE_NAME + ".server").serve()


if __name__ == "__main__":
    _start()
