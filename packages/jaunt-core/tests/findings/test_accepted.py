"""What must land: answers that are right, whatever they look like. They run afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from jaunt_core.model.report import Outcome

_RUN = """
import asyncio, importlib, json, sys, traceback

async def collected(stream):
    return [item async for item in stream]

results = {}
for name, (module, generated, check) in json.load(sys.stdin).items():
    try:
        spec = importlib.import_module(module)
        importlib.import_module(generated)
        tools = {"run": asyncio.run, "collected": collected}
        results[name] = "right" if eval(check, {**tools, **vars(spec)}) else "wrong"
    except Exception:
        results[name] = traceback.format_exc()
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def acceptances(judge: Any) -> Mapping[str, Any]:
    """What became of every case in accepted.txt; tests are tried in the slow test below."""
    return judge("accepted.txt", trials=False)


@pytest.fixture(scope="module")
def results(acceptances: Mapping[str, Any]) -> Mapping[str, str]:
    """What running the code of every case led to, in one fresh process."""
    landed = {
        name: (judged.case.module, judged.case.generated_module, judged.case.expected)
        for name, judged in acceptances.items()
        if judged.report.outcome is Outcome.GENERATED
    }
    root = next(iter(acceptances.values())).project.root
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(landed),
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=True,
    )
    return json.loads(done.stdout)


def test_right_answer_lands_and_runs(
    accepted: Any, acceptances: Mapping[str, Any], results: Mapping[str, str]
) -> None:
    judged = acceptances[accepted.name]
    failure = judged.report.failure

    assert failure is None, [str(item) for item in failure.findings]
    assert judged.report.outcome is Outcome.GENERATED
    assert results[accepted.name] == "right"


@pytest.mark.slow
def test_right_answers_land_with_their_trials(judge: Any) -> None:
    for judged in judge("accepted.txt").values():
        failure = judged.report.failure
        assert failure is None, [str(finding) for finding in failure.findings]
        assert judged.report.outcome is Outcome.GENERATED
