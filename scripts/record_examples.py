"""Write `recorded/requests.json` of the examples: which request each recorded answer is for.

Run it after a spec of an example, or its recorded answer, was changed on purpose. It reads the
specs like a build does and asks no model.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from jaunt_core.config.loading import load_project
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import Kind
from jaunt_core.planning.request import request_digest
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.snapshot import read_snapshot
from jaunt_core.snapshot.worker_client import Worker

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


def requests_of(folder: Path) -> dict[str, str]:
    """The digest of the base request of every module of an example."""
    workspace = Workspace(project=load_project(root=folder), environ=os.environ)
    with Worker(workspace) as worker:
        snapshot = read_snapshot(workspace, worker, Kind)
        judged = snapshot.judge(Inference())
        return {
            f"{module.kind.value}/{module.name}": request_digest(judged.graph, module)
            for module in snapshot.modules
        }


def main() -> None:
    """Write the file of every example."""
    for config in sorted(EXAMPLES.glob("*/jaunt.toml")):
        requests = requests_of(config.parent)
        target = config.parent / "recorded" / "requests.json"
        target.write_text(json.dumps(requests, indent=2) + "\n", encoding="utf-8")
        print(f"{config.parent.name}: {len(requests)} requests")


if __name__ == "__main__":
    main()
