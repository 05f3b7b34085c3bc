"""The text of accepted contracts, kept so that `jaunt why` can show what changed.

They stand in `.jaunt/`, not in the tree: the digests in the header decide, on every machine, and
what they are digests of is in the history of the specs. A second copy of each spec beside the
generated code would be noise in every review.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jaunt_core.config.reading import read_regular
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.spec import Digest, Kind, SpecModule, SpecRef
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    Sync,
    as_landing_error,
    bounded_name,
    remove_leftovers,
    replace_file,
    state_folder,
)

HEADINGS = ("# names ", "# mentions ")
"""How the headings of definitions outside of a spec begin in the text of its contract."""


def contract_text(graph: SpecGraph, ref: SpecRef) -> str:
    """A contract as a person reads it: the spec, its prompt, what it builds on and names."""
    spec = graph.specs[ref]
    parts = [spec.text]
    if spec.imports:
        parts.insert(0, "\n".join(line.text for line in spec.imports))
    if spec.prompt:
        parts.append(f"# prompt: {spec.prompt}")
    if graph.edges[ref]:
        parts.append("\n".join(f"# depends on {target}" for target in graph.edges[ref]))
    parts.extend(f"# names {definition.ref}\n{definition.text}" for definition in spec.context)
    parts.extend(
        f"# mentions {name}\n{graph.specs[name].api_text}" for name in graph.mentioned(ref)
    )
    return "\n\n".join(parts) + "\n"


class ContractTexts:
    """Stores the contracts of the modules of one kind whose code has just landed."""

    def __init__(self, root: Path, kind: Kind) -> None:
        self._root = root
        self._kind = kind
        self._swept = False

    def save(self, module: SpecModule, judged: JudgedGraph) -> None:
        """Store the contracts of one module.

        Raises:
            LandingError: They cannot be written.
        """
        content = {
            spec.ref: {
                "local": judged.digests.local[spec.ref],
                "text": contract_text(judged.graph, spec.ref),
            }
            for spec in module.specs
        }
        folder = state_folder(self._root, "contracts", self._kind.value)
        path = folder / f"{bounded_name(module.name)}.json"
        text = json.dumps(content, ensure_ascii=False)
        with as_landing_error(path):
            if not self._swept:
                remove_leftovers(folder)
                self._swept = True
            # Not synced: where a power cut leaves half of it, `jaunt why` shows no old text.
            replace_file(path, text.encode("utf-8", "replace"), sync=Sync.NOTHING)


def load_contracts(root: Path, kind: Kind, module: str) -> Mapping[SpecRef, tuple[Digest, str]]:
    """The local digest and the text of each contract that was accepted last, as far as known."""
    path = root / STATE_FOLDER / "contracts" / kind.value / f"{bounded_name(module)}.json"
    try:
        content = json.loads(read_regular(path))
        return {
            SpecRef(ref): (Digest(contract["local"]), str(contract["text"]))
            for ref, contract in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
