"""The digests of one project, as they stand in the headers of everybody's generated files.

Should this fail, then an upgrade of jaunt would rebuild every project there is: make the change in
a new contract format, and go on computing this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jaunt_core.contracts.digest import CONTRACT
from jaunt_core.model.plan import ModulePlan

PINNED = {
    "shop.checkout.cart": ("20bed126f733a811", "ce262b4e0bdc15c8"),
    "shop.checkout.receipt": ("e877d5812946854b", "3d51cefbd475ddd4"),
    "shop.labels": ("b2c63f4fa16f5593", "c3ee27ce582a5399"),
    "shop.odd": ("4cb3d10792091644", "9a7f38bd90d17116"),
    "shop.pricing": ("ea91a0c929421997", "093924014e526403"),
    "shop.stock.ledger": ("50b2a7984c92e5eb", "e32324078ce5cef5"),
    "shop.stock.reserve": ("7ab2de29671d712d", "c71c9e976944ea17"),
    "shop.tax": ("0918b0122c2ca174", "084afa0397d9b8d7"),
    "tests.desk.test_desk": ("eee76e2d05c323c6", "804268c866aa934b"),
    "tests.test_labels": ("a5fbe32c608a73b3", "c2beb4fea91cd37a"),
    "tests.test_pricing": ("fef604810b761845", "e2b8b852b0bb8b39"),
}


def test_digests_are_what_they_were(plans_after: Callable[..., Mapping[str, ModulePlan]]) -> None:
    assert CONTRACT == 1
    assert {
        name: tuple(
            digest.removeprefix("sha256:")[:16] for digest in (plan.module_digest, plan.request)
        )
        for name, plan in plans_after().items()
    } == PINNED
