"""Confirmations of the user that the key of a project may go to an address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """The key in `variable` may go to `address` from the project in the folder `project`."""

    project: str
    address: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """An address that a project's settings send a key to; `place` is the file and the line."""

    place: str
    setting: str
    trusted: Trusted

    def __str__(self) -> str:
        """Which setting sends which key where, for a person."""
        trusted = self.trusted
        return (
            f"{self.place}: {self.setting} sends the key in ${trusted.variable} "
            f"to {trusted.address}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReport:
    """What was confirmed or taken back by a command, and what is confirmed after it."""

    confirmed: tuple[Unconfirmed, ...] = ()
    revoked: tuple[Trusted, ...] = ()
    trusted: tuple[Trusted, ...] = ()
