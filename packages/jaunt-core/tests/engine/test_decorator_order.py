"""A decorator above ours that makes another class of what was generated is refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jaunt_core import BuildOptions, JauntDiscoveryError, build
from jaunt_core.config.loading import Project
from jaunt_core.testing import ScriptedBackend, loader_of

_SPEC = '''\
from dataclasses import dataclass

import jaunt


@dataclass(frozen=True)
@jaunt.magic()
class Point:
    """A place."""

    x: int
'''


def test_a_build_names_the_order_that_works(new_project: Callable[..., Project]) -> None:
    project = new_project({"geo.py": _SPEC}, '[paths]\nsource_roots = ["."]\n')
    backend = ScriptedBackend({"geo": []})

    with pytest.raises(JauntDiscoveryError) as refused:
        build(project, BuildOptions(), sink=lambda _: None, environ={}, load=loader_of(backend))

    assert str(refused.value.args[0]) == (
        "geo.py:6: @dataclass stands above @jaunt.magic, so it would make another class of the "
        "Point that is generated"
    )
    assert refused.value.hint == (
        "put @jaunt.magic on top, and @dataclass below it, directly above `class Point`"
    )
    assert backend.asked == []
