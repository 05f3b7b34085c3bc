"""The store of answers for `jaunt cache`, which needs no more of a project than its folder."""

from __future__ import annotations

from argparse import Namespace

from jaunt_cli.cache_result import CacheResult
from jaunt_core.config.locate import find_config
from jaunt_core.model.events import Sink, WarningRaised
from jaunt_core.model.spec import Kind
from jaunt_core.storage.answers_gc import clear_answers, count_answers, shrink_answers


def use_cache(arguments: Namespace, sink: Sink) -> CacheResult:
    """What the store holds after it was looked at, emptied or made smaller."""

    def warn(message: str) -> None:
        sink(WarningRaised(kind=Kind.BUILD, message=message))

    root = find_config(root=arguments.root, config=arguments.config).parent
    match arguments.action:
        case "clear":
            removed = clear_answers(root, warn)
        case "gc":
            removed = shrink_answers(root, arguments.max_size, warn)
        case _:
            removed = None
    return CacheResult(left=count_answers(root), removed=removed)
