"""What a user may say about one run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a user may say about one run; None stands for what `jaunt.toml` says.

    `targets` are `MODULE` or `MODULE:QUALNAME`; all modules where it is empty. An `offline` run
    asks no model: what is not stored fails. Where another run works on the project, this one fails
    or does `wait`.
    """

    jobs: int | None = None
    force: bool = False
    targets: tuple[str, ...] = ()
    infer_deps: bool | None = None
    offline: bool = False
    wait: bool = True

    @property
    def modules_to_read(self) -> frozenset[str] | None:
        """The modules that are read even if nothing has changed; None for all."""
        if self.infer_deps is not None or (self.force and not self.targets):
            return None
        return frozenset(target.partition(":")[0] for target in self.targets)
