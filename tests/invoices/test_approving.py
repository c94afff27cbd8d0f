"""Four eyes on a month's drafts, and what has to be billed again before they are approved or issued."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from invoices import approving, drafting, issuing
from invoices.approving import DraftsChanged, InputsChanged, NoDrafts, SamePerson
from invoices.models import Activity, Adjustment, Band, Due, Hold, Invoice, Run, TariffSet
from relays.models import Identity, Mandate, OptIn, Relay, VatRegime
from selfbilling.models import JournalEntry
from tests import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
SEPTEMBER = world.OCTOBER.previous


@pytest.fixture
def drafted() -> Run:
    """October of R0001, billed; R0002 did nothing then."""
    world.tariff()
    relay = world.relay()
    world.did(relay, 100)
    world.did(relay, -3)
    world.adjusted(relay, "5.00")
    world.relay("R0002", shop=1)
    return world.bill()


def billed() -> Relay:
    return Relay.objects.get(code="R0001")


def idle() -> Relay:
    return Relay.objects.get(code="R0002")


# Four eyes


def test_whoever_billed_does_not_approve(drafted: Run) -> None:
    with pytest.raises(SamePerson, match=r"camille@example\.org billed this month: another"):
        approving.approve(world.OCTOBER, by=world.camille())
    drafted.refresh_from_db()
    assert (drafted.state, drafted.digest) == ("drafted", "")


def test_another_member_of_billing_approves_and_the_digest_is_frozen(drafted: Run) -> None:
    run = world.approve()
    assert (run.state, run.approved_by, run.digest) == ("approved", world.dominique(), approving.digest(run))
    entry = JournalEntry.objects.get(act="approved")
    assert (entry.by, entry.detail) == (world.dominique(), {"period": "2026-10", "digest": run.digest})


def test_after_billing_again_the_first_approver_may_not_approve_what_they_billed(drafted: Run) -> None:
    with world.on(world.BILLED_ON):
        drafting.draft(world.OCTOBER, by=world.dominique(), progress=lambda *_: None)
    with pytest.raises(SamePerson):
        world.approve()


def test_a_month_that_was_not_billed_cannot_be_approved(drafted: Run) -> None:
    with pytest.raises(NoDrafts, match="2026-09 has no drafts: bill it first"):
        world.approve(month=SEPTEMBER)


def test_what_is_approved_or_issued_is_not_approved_again(drafted: Run) -> None:
    world.approve()
    with pytest.raises(NoDrafts, match="approved already"):
        world.approve()
    world.issue()
    with pytest.raises(NoDrafts):
        world.approve()


# What changed after the drafts

CHANGES: dict[str, Callable[[], object]] = {
    "activity of a drafted relay": lambda: world.did(billed(), 1, day=11),
    "a correction": lambda: world.did(billed(), -1, day=11),
    "a row taken away": lambda: Activity.objects.filter(quantity=-3).delete(),
    "another quantity": lambda: Activity.objects.filter(quantity=100).update(quantity=101),
    "the same units on another day": lambda: Activity.objects.filter(quantity=100).update(day=dt.date(2026, 10, 11)),
    "activity of a relay that had none": lambda: world.did(idle(), 1),
    "an adjustment": lambda: world.adjusted(billed(), "1.00", label="Prime"),
    "an adjustment of a relay that had nothing": lambda: world.adjusted(idle(), "1.00"),
    "an adjustment's amount": lambda: Adjustment.objects.update(amount=Decimal("5.01")),
    "an adjustment's label": lambda: Adjustment.objects.update(label="Autre"),
    "a price": lambda: Band.objects.update(unit_price=Decimal("0.3900")),
    "a label that is printed": lambda: Band.objects.update(label="Remis"),
    "a band more": lambda: Band.objects.create(
        tariff_set=TariffSet.objects.get(), from_quantity=50, unit_price=Decimal("0.1"), label="x", unit_code="C62"
    ),
    "a newer set": lambda: world.tariff("LIV", (0, "0.3000"), valid_from=dt.date(2026, 10, 1)),
    "a set of the relay's own": lambda: world.tariff("LIV", (0, "0.3000"), of=billed()),
    "a name": lambda: Identity.objects.filter(relay=billed()).update(legal_name="Autre"),
    "an address": lambda: Identity.objects.filter(relay=billed()).update(address_line1="13 rue de l’Œuvre"),
    "an identity from a later day": lambda: Identity.objects.create(relay=billed(), valid_from=world.BILLED_ON, legal_name="Autre"),
    "a regime": lambda: VatRegime.objects.filter(relay=billed()).update(regime="franchise"),
    "a VAT number": lambda: VatRegime.objects.filter(relay=billed()).update(vat_number="FR80101717650"),
    "a change of regime": lambda: VatRegime.objects.create(relay=billed(), valid_from=dt.date(2026, 10, 5), regime="franchise"),
}
OTHERS: dict[str, Callable[[], object]] = {
    "activity of the months around": lambda: (
        world.did(billed(), 5, month=SEPTEMBER),
        Activity.objects.create(relay=billed(), day=dt.date(2026, 11, 1), service_code="LIV", quantity=5),
    ),
    "an adjustment of another month": lambda: world.adjusted(billed(), "5.00", month=SEPTEMBER),
    "another relay's telephone": lambda: Identity.objects.filter(relay=idle()).update(phone="+33600000000"),
    "another relay's regime": lambda: VatRegime.objects.filter(relay=idle()).update(regime="franchise", vat_number=""),
    "a new relay": lambda: world.relay("R0003", shop=2),
    "a set from the next month on": lambda: world.tariff("LIV", (0, "0.3000"), valid_from=dt.date(2026, 11, 1)),
    "another relay's own set": lambda: world.tariff("LIV", (0, "0.3000"), of=idle()),
    "a mandate": lambda: world.give_mandate(idle(), dt.date(2025, 1, 1), dt.date(2025, 1, 31)),  # judged again at issue
    "a consent to e-mail": lambda: OptIn.objects.filter(relay=billed()).update(withdrawn_on=world.BILLED_ON),  # likewise
    "the same rows written anew": lambda: _again(Activity.objects.filter(relay=billed())[0]),
}


def _again(row: Activity) -> None:
    """Delete a row and insert it again: the same activity under another id."""
    row.delete()
    row.pk = None
    row.save()


@pytest.mark.parametrize("change", CHANGES)
def test_neither_approved_nor_issued_after_a_change_of(drafted: Run, change: str) -> None:
    world.approve()
    CHANGES[change]()
    with pytest.raises(InputsChanged, match="2026-10 changed after the drafts were made: bill again"):
        world.issue()
    Run.objects.filter(pk=drafted.pk).update(state="drafted", approved_by=None, digest="")
    with pytest.raises(InputsChanged):
        world.approve()
    assert not Invoice.objects.exists()
    world.bill()
    world.approve()


@pytest.mark.parametrize("other", OTHERS)
def test_approved_and_issued_all_the_same_after_a_change_of(drafted: Run, other: str) -> None:
    OTHERS[other]()
    world.approve()
    assert world.issue() == 1


def test_what_another_run_issued_since_does_not_count(drafted: Run) -> None:
    """A late relay's run: R0001's invoice stands, its activity is settled."""
    world.approve()
    world.issue()
    world.did(idle(), 4)
    world.bill()
    Identity.objects.filter(relay=billed()).update(phone="+33600000000")
    world.approve()
    assert world.issue() == 1


# A draft altered behind Python's back


@pytest.mark.parametrize(
    "alter",
    [
        "UPDATE invoices_draft SET net = net + 1, gross = gross + 1",
        "UPDATE invoices_draft SET last_day = last_day + 1",
        "UPDATE invoices_draftline SET label = 'Autre' WHERE position = 1",
        "UPDATE invoices_draftline SET quantity = quantity + 1 WHERE position = 1",
        "UPDATE invoices_draftvat SET vat = vat + 1",
        "DELETE FROM invoices_draftline WHERE position = 1",
    ],
)
def test_a_draft_that_differs_from_what_was_approved_stops_issue(drafted: Run, alter: str) -> None:
    world.approve()
    table = next(word for word in alter.split() if word.startswith("invoices_"))
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER; {alter}")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with pytest.raises(DraftsChanged, match="differ from those that were approved: bill again"):
        world.issue()
    assert not Invoice.objects.exists()
    assert not Due.objects.exists()


def test_what_issue_needs_beside_the_drafts_is_judged_at_issue(drafted: Run) -> None:
    """Mandates and holds are not part of the digest: they hold the relay instead of stopping the month."""
    world.approve()
    Mandate.objects.filter(relay=idle()).delete()
    Hold.objects.create(relay=billed(), period=world.OCTOBER.first, why="Odd", by=world.dominique())
    assert world.issue() == 0
    assert [held.reason for held in drafted.held.all()] == ["anomaly"]
    assert issuing.left(drafted) == 0
