"""Why a module is in the rebuild set: the whole chain, down to what was changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest

from jaunt_core.model.plan import Action, ModulePlan
from jaunt_core.model.reason import Place, Reason, ReasonKind
from jaunt_core.model.spec import SpecRef

from .conftest import Edit

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


def place(root: Path, name: str, text: str) -> Place:
    """The line above a text: a spec begins with its decorator."""
    before = (root / name).read_text(encoding="utf-8").partition(text)[0]
    return Place(path=PurePosixPath(name), line=before.count("\n"))


def test_a_changed_part_has_its_digests(plans_after: PlansAfter, stamped_shop: Path) -> None:
    (reason,) = plans_after((TAX, "  # net", ""))["shop.tax"].reasons

    header = header_of(stamped_shop, "src/shop/__generated__/tax.py")
    assert reason == Reason(
        kind=ReasonKind.CHANGED,
        spec=SpecRef("shop.tax:total_tax"),
        part="comments",
        old=reason.old,
        new="",
        place=place(stamped_shop, TAX, "def total_tax"),
        path=refs("shop.tax:total_tax"),
    )
    assert f'"comments": "{reason.old}"' in header


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
    (root,) = plans["shop.tax"].reasons[:1]
    assert {cart.causes, pricing.causes, test.causes} == {(root,)}
    assert (root.spec, root.part) == ("shop.tax:rate", "docstring")
    assert cart.place == root.place
    assert {len(digest) for digest in (cart.old, cart.new)} == {16}
    assert cart.old != cart.new


def test_every_root_cause_has_a_chain(plans_after: PlansAfter) -> None:
    plans = plans_after(
        RATE,
        (TAX, "Return the taxes", "Return all taxes"),
        (PRICING, "else 4.90", "else 3.90"),
    )

    reasons = plans["shop.checkout.cart"].reasons
    assert [reason.path for reason in reasons] == [
        refs("shop.checkout.cart:pay", "shop.pricing:order_total", "shop.pricing:shipping"),
        refs("shop.checkout.cart:pay", *TO_RATE[:2]),
        refs("shop.checkout.cart:pay", *TO_RATE),
    ]
    assert [[(cause.spec, cause.part) for cause in reason.causes] for reason in reasons] == [
        [("shop.pricing:shipping", "docstring")],
        [("shop.tax:total_tax", "docstring")],
        [("shop.tax:rate", "docstring")],
    ]


def test_a_new_and_a_removed_link_are_told_apart(plans_after: PlansAfter) -> None:
    plans = plans_after(
        (PRICING, "    tax.total_tax(order)\n", "    tax.rate(order)\n"),
    )

    reasons = plans["shop.pricing"].reasons
    links = [reason for reason in reasons if reason.kind is ReasonKind.DEPENDENCY]
    assert [(link.path, bool(link.old), bool(link.new)) for link in links] == [
        (refs("shop.pricing:order_total", "shop.tax:rate"), False, True),
        (refs("shop.pricing:order_total", "shop.tax:total_tax"), True, False),
    ]
    # What hangs below it is stale because of the link, not because of its new end.
    (cart,) = plans["shop.checkout.cart"].reasons
    assert cart.path == refs("shop.checkout.cart:pay", "shop.pricing:order_total")
    assert cart.causes == plans["shop.pricing"].reasons
    assert [(cause.kind, cause.part) for cause in cart.causes] == [
        (ReasonKind.CHANGED, "body"),
        (ReasonKind.DEPENDENCY, ""),
        (ReasonKind.DEPENDENCY, ""),
    ]


def test_what_is_rebuilt_for_its_file_has_a_chain_too(plans_after: PlansAfter) -> None:
    plans = plans_after(lambda root: (root / "src/shop/__generated__/tax.py").unlink())

    assert [reason.kind for reason in plans["shop.tax"].reasons] == [ReasonKind.MISSING]
    (pricing,) = plans["shop.pricing"].reasons
    (cart,) = plans["shop.checkout.cart"].reasons
    assert pricing.path == refs(*TO_RATE[:2])
    assert cart.path == refs("shop.checkout.cart:pay", *TO_RATE[:2])
    (missing,) = plans["shop.tax"].reasons
    assert missing.place == Place(path=PurePosixPath("src/shop/__generated__/tax.py"))
    assert pricing.causes == cart.causes == (missing,)
    assert (pricing.old, pricing.new) == (cart.old, cart.new) == ("", "")
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
    assert [reason.causes for reason in reserve.reasons] == [ledger.reasons]
    assert reserve.depends_on == ("shop.stock.ledger",)


LEDGER_FILE = "src/shop/stock/__generated__/ledger.py"
HAND_EDIT = (LEDGER_FILE, "done = True", "done = False")
SYNTAX_ERROR = (LEDGER_FILE, "done = True", "done = (")
NO_DIGEST = (LEDGER_FILE, "# jaunt:module_digest=sha256:", "# jaunt:module_digest=")
COMMENT = (LEDGER, "# nothing changes", "# something changes")


CHANGED_COMMENT = (ReasonKind.CHANGED, "comments", "")


@pytest.mark.parametrize(
    ("file", "specs", "expected"),
    [
        (HAND_EDIT, [], [(ReasonKind.EDITED, "", "its code was changed by hand")]),
        (
            HAND_EDIT,
            [COMMENT],
            [(ReasonKind.EDITED, "", "its code was changed by hand"), CHANGED_COMMENT],
        ),
        (SYNTAX_ERROR, [], [(ReasonKind.DAMAGED, "", "its code does not parse")]),
        (
            SYNTAX_ERROR,
            [COMMENT],
            [(ReasonKind.DAMAGED, "", "its code does not parse"), CHANGED_COMMENT],
        ),
        # Nothing to compare with.
        (
            NO_DIGEST,
            [COMMENT],
            [(ReasonKind.DAMAGED, "", "module_digest in the header is no digest")],
        ),
        (lambda root: (root / LEDGER_FILE).unlink(), [COMMENT], [(ReasonKind.MISSING, "", "")]),
    ],
)
def test_what_happened_to_a_file_hides_no_change(
    plans_after: PlansAfter,
    file: Edit,
    specs: list[Edit],
    expected: list[tuple[ReasonKind, str, str]],
) -> None:
    plan = plans_after(file, *specs)["shop.stock.ledger"]

    assert [
        (reason.kind, reason.part, reason.detail.partition(":")[0]) for reason in plan.reasons
    ] == expected
    assert plan.reasons[0].place == Place(path=PurePosixPath(LEDGER_FILE))
    # The action does not depend on the other reasons.
    assert plan.action is (Action.REFUSE if file is HAND_EDIT else Action.GENERATE)


def test_context_is_told_with_its_place(plans_after: PlansAfter, stamped_shop: Path) -> None:
    models = "src/shop/models.py"
    plans = plans_after((models, "lines: list[Line]", "lines: list[Line | None]"))

    reasons = plans["shop.tax"].reasons
    reason = next(reason for reason in reasons if reason.kind is ReasonKind.CHANGED)
    assert reason.definition == "shop.models:Order"
    assert reason.place == place(stamped_shop, models, '    """What somebody wants')
    assert (reason.spec, reason.part) == ("shop.tax:total_tax", "context shop.models:Order")


def test_a_cause_that_is_not_recorded_is_told_by_the_file_that_lost_it(
    plans_after: PlansAfter,
) -> None:
    plans = plans_after(RATE, lambda root: (root / "src/shop/__generated__/tax.py").unlink())

    (pricing,) = plans["shop.pricing"].reasons
    assert pricing.old != pricing.new
    assert pricing.causes == plans["shop.tax"].reasons
    assert [(cause.kind, cause.spec) for cause in pricing.causes] == [(ReasonKind.MISSING, None)]


def test_what_was_built_before_is_told_so(plans_after: PlansAfter, stamped_shop: Path) -> None:
    """The file of the changed module is the new one already, those of its dependents are not."""

    def with_old_record(root: Path) -> None:
        path = root / "src/shop/__generated__/pricing.py"
        text = path.read_text(encoding="utf-8")
        (known,) = re.findall(r'"shop\.tax:total_tax": "([0-9a-f]{16})"', text)
        (module,) = re.findall(r"module_digest=sha256:([0-9a-f]{64})", text)
        text = text.replace(known, "0" * 16).replace(module, "0" * 64)
        path.write_text(text, encoding="utf-8")

    (reason,) = plans_after(with_old_record)["shop.pricing"].reasons

    assert (reason.kind, reason.path) == (ReasonKind.DEPENDENCY, refs(*TO_RATE[:2]))
    assert reason.causes == ()


def test_a_cycle_in_a_module_is_told_once(plans_after: PlansAfter) -> None:
    loop = (TAX, "half of it\n", "half of it\n    total_tax\n")
    plans = plans_after(loop)

    # Both are new in the cycle; neither is stale because of itself in a round about way.
    reasons = {
        (reason.path, reason.part)
        for reason in plans["shop.tax"].reasons
        if reason.kind is not ReasonKind.CHANGED or reason.part == "body"
    }
    assert reasons == {
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

    generated = {name for name, plan in plans.items() if plan.action is Action.GENERATE}
    kept_as_is = {name for name, plan in plans.items() if plan.action is Action.KEEP}
    assert generated == {"shop.tax", "shop.stock.ledger"}
    # Inheritance counts without inference; calls do not, so the prices are no dependents now.
    assert kept_as_is == {"shop.stock.reserve"}
