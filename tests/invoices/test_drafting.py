"""`bill`: when a month may be billed, and what billing again does."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import QuerySet

from invoices import approving, drafting, holding, issuing
from invoices.drafting import MovedOn, NothingToBill, NotOver
from invoices.models import Band, Draft, DraftLine, Hold, Invoice, Run
from relays.models import Identity, Relay
from selfbilling.models import JournalEntry
from tests import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def relay() -> Relay:
    """With 100 parcels in October."""
    world.tariff()
    made = world.relay()
    world.did(made, 100)
    return made


def codes(run: Run) -> list[str]:
    return [draft.relay.code for draft in run.drafts.order_by("relay__code")]


def unfinished() -> QuerySet[Run]:
    return Run.objects.exclude(state__in=["issued", "withdrawn"])


def test_a_month_that_is_not_over_in_paris_is_refused(relay: Relay) -> None:
    with pytest.raises(NotOver, match="2026-11-01"), world.on(dt.date(2026, 10, 31), hour=23):
        drafting.draft(world.OCTOBER, by=world.camille(), progress=lambda *_: None)
    assert not Run.objects.exists()
    with world.on(dt.date(2026, 11, 1), hour=0):  # 31 October, 23:00 in UTC
        drafting.draft(world.OCTOBER, by=world.camille(), progress=lambda *_: None)


def test_a_month_without_activity_or_adjustments_has_nothing_to_bill(relay: Relay) -> None:
    with pytest.raises(NothingToBill, match="nothing to bill in 2026-09"):
        world.bill(month=world.OCTOBER.previous)
    assert not Run.objects.exists()


def test_a_month_in_which_everything_was_corrected_has_nothing_to_bill(relay: Relay) -> None:
    world.did(relay, -100)
    with pytest.raises(NothingToBill):
        world.bill()


def test_an_adjustment_alone_is_billed() -> None:
    world.adjusted(world.relay(), "12.00")
    assert str(world.bill().drafts.get().gross) == "14.40"


def test_a_month_of_held_relays_only_is_a_result(relay: Relay) -> None:
    Identity.objects.update(city="")
    run = world.bill()
    assert (run.drafts.count(), run.held.count(), run.state) == (0, 1, "drafted")


def test_who_billed_and_what_came_of_it_is_in_the_journal(relay: Relay) -> None:
    run = world.bill()
    entry = JournalEntry.objects.get(act="billed")
    assert (entry.subject, entry.by, entry.detail) == (f"run:{run.pk}", world.camille(), {"period": "2026-10", "drafts": 1, "held": 0})


def test_progress_says_how_many_of_how_many_were_checked(relay: Relay) -> None:
    world.did(world.relay("R0002", shop=1), 5)
    said: list[tuple[int, int]] = []
    with world.on(world.BILLED_ON):
        drafting.draft(world.OCTOBER, by=world.camille(), progress=lambda now, total: said.append((now, total)))
    assert said == [(2, 2)]


# What the official rules and people hold


def test_a_document_that_the_official_rules_refuse_is_held_with_the_rule_and_the_others_are_drafted(relay: Relay) -> None:
    world.did(world.relay("R0002", shop=1), 5, service="DEP")
    Band.objects.filter(tariff_set=world.tariff("DEP")).update(unit_code="XXX")  # no file can bring it in
    run = world.bill()
    assert codes(run) == ["R0001"]
    held = run.held.get()
    assert (held.relay.code, held.reason) == ("R0002", "document_rejected")
    assert held.detail.startswith("FX-SCH-A-000613: Value of '@unitCode' is not allowed")


def test_a_person_holds_a_relay_s_month_until_it_is_let_go(relay: Relay) -> None:
    world.did(world.relay("R0002", shop=1), 5)
    hold = holding.hold(relay=relay, month=world.OCTOBER.first, why="Ten times its usual", by=world.dominique())
    holding.hold(relay=relay, month=dt.date(2026, 9, 1), why="Another month", by=world.dominique())
    run = world.bill()
    assert codes(run) == ["R0002"]
    assert [(held.reason, held.detail) for held in run.held.all()] == [("anomaly", "Ten times its usual")]
    with pytest.raises(holding.HeldAlready):
        holding.hold(relay=relay, month=world.OCTOBER.first, why="Again", by=world.dominique())
    holding.let_go(hold, by=world.dominique())
    assert codes(world.bill()) == ["R0001", "R0002"]
    assert Hold.objects.get().why == "Another month"


def test_a_person_s_hold_is_the_last_reason_of_all(relay: Relay) -> None:
    holding.hold(relay=relay, month=world.OCTOBER.first, why="Odd", by=world.dominique())
    Identity.objects.update(city="")
    assert world.bill().held.get().reason == "incomplete_identity"


# Billing again before issue


def test_billing_again_withdraws_the_approval_and_drafts_anew(relay: Relay) -> None:
    first = world.bill()
    world.approve()
    world.did(relay, 50, day=11)
    second = world.bill()
    first.refresh_from_db()
    assert (first.state, first.drafts.count(), second.state) == ("withdrawn", 0, "drafted")
    assert DraftLine.objects.get().quantity == 150
    with pytest.raises(issuing.NotApproved, match="not approved"):
        world.issue()
    world.approve()
    assert world.issue() == 1


def test_billing_again_with_the_same_inputs_gives_the_same_drafts(relay: Relay) -> None:
    world.adjusted(relay, "-0.50")

    def said() -> list[object]:
        lines = DraftLine.objects.order_by("position").values_list("label", "quantity", "unit_price", "net", "first_day", "last_day")
        return [*Draft.objects.values_list("first_day", "last_day", "net", "vat", "gross"), *lines]

    world.bill()
    before = said()
    world.bill()
    assert said() == before


def test_a_held_relay_that_was_mended_is_drafted(relay: Relay) -> None:
    Identity.objects.update(city="")
    world.bill()
    Identity.objects.update(city="Nantes")
    run = world.bill()
    assert (codes(run), run.held.count()) == (["R0001"], 0)


# Billing again after issue


def test_after_issue_only_relays_without_an_invoice_of_the_month_are_drafted(relay: Relay) -> None:
    mended = world.relay("R0002", shop=1, city="")
    world.did(mended, 10)
    world.billed_approved_and_issued()
    late = world.relay("R0003", shop=2)
    world.did(late, 20)
    Identity.objects.filter(relay=mended).update(city="Nantes")
    second = world.bill()
    assert codes(second) == ["R0002", "R0003"]
    world.approve()
    assert world.issue() == 2
    assert [invoice.number for invoice in Invoice.objects.all()] == ["R0001-2026-00001", "R0002-2026-00001", "R0003-2026-00001"]


def test_after_all_is_issued_there_is_nothing_to_bill_and_nothing_changes(relay: Relay) -> None:
    world.billed_approved_and_issued()
    before = list(Run.objects.values())
    with pytest.raises(NothingToBill):
        world.bill()
    assert list(Run.objects.values()) == before
    assert Invoice.objects.count() == 1


def test_a_run_that_is_partly_issued_keeps_its_invoices_and_the_rest_is_drafted_anew(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    world.did(world.relay("R0002", shop=1), 10)
    run = world.bill()
    world.approve()
    monkeypatch.setattr(issuing, "_AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt), world.on(world.BILLED_ON):
        issuing.issue(world.OCTOBER, issue_date=None, progress=_killed)
    second = world.bill()
    run.refresh_from_db()
    assert (run.state, codes(run), codes(second)) == ("issued", ["R0001"], ["R0002"])
    world.approve()
    assert world.issue() == 1
    assert not unfinished().exists()


def _killed(_done: int) -> None:
    raise KeyboardInterrupt


# Two people at once


DEEDS: dict[str, Callable[[], object]] = {"bill": world.bill, "approve": world.approve, "issue": world.issue}


@pytest.mark.parametrize(("deed", "was_billed"), [("bill", False), ("bill", True), ("approve", True), ("issue", True)])
def test_who_is_overtaken_while_the_drafts_are_made_is_told(relay: Relay, deed: str, was_billed: bool) -> None:
    if was_billed:
        world.bill()
    if deed == "issue":
        world.approve()
    overtaken: list[object] = []

    def somebody_else(*_: int) -> None:
        if not overtaken:
            overtaken.append(True)
            DEEDS[deed]()

    with pytest.raises(MovedOn, match="bill again"), world.on(world.BILLED_ON):
        drafting.draft(world.OCTOBER, by=world.camille(), progress=somebody_else)
    assert Run.objects.exclude(state="withdrawn").count() == 1


def test_what_changes_while_the_drafts_are_made_is_found_when_they_are_approved(relay: Relay) -> None:
    with world.on(world.BILLED_ON):
        drafting.draft(world.OCTOBER, by=world.camille(), progress=lambda *_: world.did(relay, 1, day=12))
    with pytest.raises(approving.InputsChanged):
        world.approve()
