"""Why a module is in the rebuild set: the whole chain, down to what was changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from jaunt_core.model.plan import Action, ModulePlan, Reason, ReasonKind
from jaunt_core.model.spec import SpecRef

PlansAfter = Callable[..., Mapping[str, ModulePlan]]

PRICING = "src/shop/pricing.py"
TAX = "src/shop/tax.py"
LEDGER = "src/shop/stock/ledger.py"
RATE = (TAX, "Return the rate of", "Return the tax rate of")
TO_RATE = ("shop.pricing:order_total", "shop.tax:total_tax", "shop.tax:rate")


def refs(*texts: str) -> tuple[SpecRef, ...]:
    return tuple(map(SpecRef, texts))


def header_of(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8").partition("\n\n")[0]


def test_a_changed_part_has_its_digests(plans_after: PlansAfter, stamped_shop: Path) -> None:
    (reason,) = plans_after((TAX, "  # net", ""))["shop.tax"].reasons

    header = header_of(stamped_shop, "src/shop/__generated__/tax.py")
    assert reason == Reason(
        kind=ReasonKind.CHANGED,
        spec=SpecRef("shop.tax:total_tax"),
        part="comments",
        old=reason.old,
        new="",
        path=refs("shop.tax:total_tax"),
    )
    assert f'"comments": "{reason.old}"' in header
    assert str(reason) == "comments of shop.tax:total_tax changed"


def test_the_chain_goes_down_to_what_was_changed(plans_after: PlansAfter) -> None:
    plans = plans_after(RATE)

    assert [reason.path for reason in plans["shop.tax"].reasons] == [
        refs("shop.tax:rate"),
        refs("shop.tax:total_tax", "shop.tax:rate"),
    ]
    (pricing,) = plans["shop.pricing"].reasons
    (cart,) = plans["shop.checkout.cart"].reasons
    (test,) = plans["tests.test_pricing"].reasons
    assert pricing.path == refs(*TO_RATE)
    assert cart.path == refs("shop.checkout.cart:pay", *TO_RATE)
    assert test.path == refs("tests.test_pricing:test_order_total", *TO_RATE)
    assert {cart.detail, pricing.detail, test.detail} == {"docstring of shop.tax:rate changed"}
    assert {len(item) for item in (cart.old, cart.new)} == {16}
    assert cart.old != cart.new
    assert str(cart) == (
        "dependency changed: shop.checkout.cart:pay -> shop.pricing:order_total -> "
        "shop.tax:total_tax -> shop.tax:rate (docstring of shop.tax:rate changed)"
    )


def test_every_root_cause_has_a_chain(plans_after: PlansAfter) -> None:
    plans = plans_after(
        RATE,
        (TAX, "Return the taxes", "Return all taxes"),
        (PRICING, "else 4.90", "else 3.90"),
    )

    assert [(reason.path, reason.detail) for reason in plans["shop.checkout.cart"].reasons] == [
        (
            refs("shop.checkout.cart:pay", "shop.pricing:order_total", "shop.pricing:shipping"),
            "docstring of shop.pricing:shipping changed",
        ),
        (
            refs("shop.checkout.cart:pay", *TO_RATE[:2]),
            "docstring of shop.tax:total_tax changed",
        ),
        (
            refs("shop.checkout.cart:pay", *TO_RATE),
            "docstring of shop.tax:rate changed",
        ),
    ]


def test_a_new_and_a_removed_link_are_told_apart(plans_after: PlansAfter) -> None:
    plans = plans_after(
        (PRICING, "    tax.total_tax(order)\n", "    tax.rate(order)\n"),
    )

    links = [item for item in plans["shop.pricing"].reasons if item.kind is ReasonKind.DEPENDENCY]
    assert [(item.path, bool(item.old), bool(item.new)) for item in links] == [
        (refs("shop.pricing:order_total", "shop.tax:rate"), False, True),
        (refs("shop.pricing:order_total", "shop.tax:total_tax"), True, False),
    ]
    # What hangs below it is stale because of the link, not because of its new end.
    (cart,) = plans["shop.checkout.cart"].reasons
    assert cart.path == refs("shop.checkout.cart:pay", "shop.pricing:order_total")
    assert cart.detail == "body, dependencies of shop.pricing:order_total changed"


def test_what_is_rebuilt_for_its_file_has_a_chain_too(plans_after: PlansAfter) -> None:
    plans = plans_after(lambda root: (root / "src/shop/__generated__/tax.py").unlink())

    assert [reason.kind for reason in plans["shop.tax"].reasons] == [ReasonKind.MISSING]
    (pricing,) = plans["shop.pricing"].reasons
    (cart,) = plans["shop.checkout.cart"].reasons
    assert pricing.path == refs(*TO_RATE[:2])
    assert cart.path == refs("shop.checkout.cart:pay", *TO_RATE[:2])
    assert {pricing.detail, cart.detail} == {"shop.tax is rebuilt: missing"}
    assert (cart.old, cart.new) == ("", "")
    assert {plans[name].action for name in ("shop.pricing", "shop.checkout.cart")} == {Action.KEEP}


def test_a_hand_edit_stops_the_module_and_tells_its_dependents(plans_after: PlansAfter) -> None:
    plans = plans_after(
        ("src/shop/stock/__generated__/ledger.py", "done = True", "done = False"),
    )

    ledger, reserve = plans["shop.stock.ledger"], plans["shop.stock.reserve"]
    assert ledger.action is Action.REFUSE
    assert [(reason.kind, reason.detail) for reason in ledger.reasons] == [
        (ReasonKind.EDITED, "its code was changed by hand")
    ]
    assert [reason.detail for reason in reserve.reasons] == ["shop.stock.ledger is rebuilt: edited"]
    assert reserve.depends_on == ("shop.stock.ledger",)


def test_a_cycle_in_a_module_is_told_once(plans_after: PlansAfter) -> None:
    loop = (TAX, "half of it\n", "half of it\n    total_tax\n")
    plans = plans_after(loop)

    # Both are new in the cycle; neither is stale because of itself in a round about way.
    found = {
        (reason.path, reason.part)
        for reason in plans["shop.tax"].reasons
        if reason.kind is not ReasonKind.CHANGED or reason.part == "body"
    }
    assert found == {
        (refs("shop.tax:rate"), "body"),
        (refs("shop.tax:rate", "shop.tax:total_tax"), ""),
        (refs("shop.tax:total_tax", "shop.tax:rate"), ""),
    }


def test_a_file_is_judged_by_the_setting_that_it_records(plans_after: PlansAfter) -> None:
    plans = plans_after(infer_deps=False)

    assert {plan.action for plan in plans.values()} == {Action.FRESH}


def test_the_setting_of_the_run_does_not_change_a_request(plans_after: PlansAfter) -> None:
    plans = plans_after(
        lambda root: (root / "src/shop/__generated__/tax.py").unlink(),
        (LEDGER, "# nothing changes", "# something changes"),
        infer_deps=False,
    )

    asked = {name for name, plan in plans.items() if plan.action is Action.GENERATE}
    kept = {name for name, plan in plans.items() if plan.action is Action.KEEP}
    assert asked == {"shop.tax", "shop.stock.ledger"}
    # Inheritance counts without inference; calls do not, so the prices are no dependents now.
    assert kept == {"shop.stock.reserve"}
