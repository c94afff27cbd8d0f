"""An e-mail turns out to have come back once silence had been taken for acceptance: it had been handed over to nobody."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from invoices.delivery import bouncing
from invoices.disputes import accepting, contesting, delay
from invoices.models import Acceptance, Delivery, Dispute, Invoice
from relays.models import Person
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices import handed_over

pytestmark = pytest.mark.django_db
ISSUED = world.BILLED_ON  # 2 November; the mandate says 30 days
ACCEPTED = dt.date(2026, 12, 3)
CAME_BACK = dt.date(2026, 12, 10)
POSTED = dt.date(2026, 12, 11)
LAST_DAY = dt.date(2027, 1, 10)
ONE = dt.timedelta(days=1)
FIXED = "\u00a0"


@pytest.fixture(autouse=True)
def tenth_of_december() -> Iterator[None]:
    with world.on(CAME_BACK):
        yield


@pytest.fixture
def sacha(db: None) -> Person:
    return cast.support()


@pytest.fixture
def mailed(invoice: Invoice) -> Delivery:
    """Sent on the day of issue, and accepted by silence a month later."""
    sent = handed_over.by_email(invoice, ISSUED)
    assert accepting.accept_tacitly(ACCEPTED) == 1
    return sent


def came_back(mailed: Delivery, by: Person) -> None:
    bouncing.bounce(delivery_id=mailed.pk, by=by, reason="550 5.1.1 user unknown")


def test_the_silence_counts_no_longer_and_the_delay_runs_from_the_paper(invoice: Invoice, mailed: Delivery, sacha: Person) -> None:
    came_back(mailed, sacha)
    fallen = Acceptance.objects.get()
    assert (fallen.accepted_on, fallen.fell_with) == (ACCEPTED, mailed)
    entry = JournalEntry.objects.get(act="tacit acceptance fell")
    assert (entry.subject, entry.by, entry.detail["before"]) == (f"invoice:{invoice.number}", sacha, {"accepted_on": "2026-12-03"})
    assert accepting.accept_tacitly(LAST_DAY + 50 * ONE) == 0  # not handed over to anybody yet
    handed_over.on_paper(invoice, POSTED)
    assert delay.contestable_until(invoice) == LAST_DAY
    assert delay.can_be_contested(invoice, LAST_DAY)


def test_the_relay_may_contest_then(invoice: Invoice, mailed: Delivery, sacha: Person) -> None:
    came_back(mailed, sacha)
    handed_over.on_paper(invoice, POSTED)
    with world.on(LAST_DAY):
        contesting.contest(invoice_id=invoice.pk, by=cast.owner(invoice.relay), text="12 colis manquent.")
    assert Dispute.objects.get().invoice == invoice
    assert accepting.accept_tacitly(LAST_DAY + 50 * ONE) == 0


def test_silence_accepts_anew_once_the_new_delay_is_past(invoice: Invoice, mailed: Delivery, sacha: Person) -> None:
    came_back(mailed, sacha)
    handed_over.on_paper(invoice, POSTED)
    assert accepting.accept_tacitly(LAST_DAY) == 0
    assert accepting.accept_tacitly(LAST_DAY + ONE) == 1
    assert Acceptance.objects.get(fell_with=None).accepted_on == LAST_DAY + ONE
    assert not delay.can_be_contested(invoice, LAST_DAY + ONE)


def test_the_relay_may_accept_by_its_own_act_meanwhile(invoice: Invoice, mailed: Delivery, sacha: Person) -> None:
    came_back(mailed, sacha)
    accepted = accepting.accept(invoice_id=invoice.pk, by=cast.owner(invoice.relay))
    assert (accepted.accepted_on, accepted.fell_with) == (CAME_BACK, None)


def test_the_relay_s_own_acceptance_stands(invoice: Invoice, sacha: Person) -> None:
    sent = handed_over.by_email(invoice, ISSUED)
    accepting.accept(invoice_id=invoice.pk, by=cast.owner(invoice.relay))
    came_back(sent, sacha)
    assert Acceptance.objects.get().fell_with is None


@pytest.mark.parametrize(("posted", "stands"), [(ISSUED, True), (ISSUED + 9 * ONE, False)])
def test_it_stands_where_the_delay_was_past_by_another_delivery_too(
    invoice: Invoice, mailed: Delivery, sacha: Person, posted: dt.date, stands: bool
) -> None:
    handed_over.on_paper(invoice, posted)
    came_back(mailed, sacha)
    assert (Acceptance.objects.get().fell_with is None) is stands


def test_the_shop_reads_that_it_counts_no_longer_and_support_too(
    invoice: Invoice, mailed: Delivery, sacha: Person, owner: Client, support: Client
) -> None:
    page = f"/factures/{invoice.number}/"
    assertContains(owner.get(page), "Cette facture est acceptée depuis")
    came_back(mailed, sacha)
    assertContains(owner.get(page), f"Elle comptait comme acceptée depuis le 3{FIXED}décembre{FIXED}2026.")
    assertContains(owner.get(page), "Contester cette facture")
    assertContains(support.get(reverse("desk:relay", args=[invoice.relay.code])), "Elle ne tient pas")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM invoices_acceptance",
        "UPDATE invoices_acceptance SET accepted_on = accepted_on + 1",
        "UPDATE invoices_acceptance SET fell_with_id = (SELECT id FROM invoices_delivery), accepted_on = accepted_on + 1",
        "INSERT INTO invoices_acceptance (invoice_id, accepted_on, at) SELECT invoice_id, accepted_on, at FROM invoices_acceptance",
    ],
)
def test_nothing_else_of_an_acceptance_changes(mailed: Delivery, change: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_what_fell_does_not_rise(mailed: Delivery, sacha: Person) -> None:
    came_back(mailed, sacha)
    with pytest.raises(DatabaseError, match="final"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoices_acceptance SET fell_with_id = NULL")
