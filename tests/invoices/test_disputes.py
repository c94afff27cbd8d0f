"""Contest, decide, accept: the deeds, and the delay that all of them ask."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from celery.schedules import crontab

from invoices import tasks
from invoices.disputes import accepting, contesting, deciding, delay
from invoices.disputes.accepting import Contested
from invoices.disputes.contesting import AlreadyAccepted, AlreadyContested, AlreadyGranted, Decided, DelayIsOver
from invoices.disputes.deciding import AlreadyDecided
from invoices.models import Acceptance, Delivery, Dispute, DisputeMessage, Invoice
from invoices.period import today
from relays.models import Person
from selfbilling.celery import WHAT_RUNS_WHEN
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices import handed_over

pytestmark = pytest.mark.django_db
ISSUED = world.BILLED_ON  # 2 November; the mandate says 30 days
LAST_DAY = dt.date(2026, 12, 2)
ONE = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def alice(invoice: Invoice) -> Person:
    return cast.owner(invoice.relay)


@pytest.fixture
def sacha(db: None) -> Person:
    return cast.support()


def contested(invoice: Invoice, by: Person) -> Dispute:
    return contesting.contest(invoice_id=invoice.pk, by=by, text="12 colis manquent.")


def journaled(invoice: Invoice) -> JournalEntry:
    return JournalEntry.objects.filter(subject=f"invoice:{invoice.number}").latest("pk")


# Until when.


def test_the_printed_day_holds_for_what_was_handed_over_at_once(invoice: Invoice) -> None:
    handed_over.by_email(invoice, ISSUED)
    assert delay.contestable_until(invoice) == LAST_DAY == invoice.contestable_until
    assert delay.can_be_contested(invoice, LAST_DAY)
    assert not delay.can_be_contested(invoice, LAST_DAY + ONE)


def test_what_was_handed_over_late_may_be_contested_as_long(invoice: Invoice) -> None:
    handed_over.by_email(invoice, ISSUED + 5 * ONE)
    assert delay.contestable_until(invoice) == LAST_DAY + 5 * ONE


def test_the_first_time_that_it_arrived_counts_and_what_came_back_does_not(invoice: Invoice) -> None:
    Delivery.objects.filter(pk=handed_over.by_email(invoice, ISSUED).pk).update(state=Delivery.State.REFUSED)
    handed_over.on_paper(invoice, ISSUED + 9 * ONE)
    handed_over.on_paper(invoice, ISSUED + 20 * ONE, attempt=2)
    assert delay.contestable_until(invoice) == LAST_DAY + 9 * ONE


def test_nothing_runs_out_before_it_was_handed_over(invoice: Invoice) -> None:
    assert delay.contestable_until(invoice) == LAST_DAY
    assert delay.can_be_contested(invoice, LAST_DAY + 100 * ONE)


@pytest.fixture
def without_delay(db: None) -> Invoice:
    world.tariff()
    shop = world.relay("R0009", shop=3, mandate=None)
    world.give_mandate(shop, dt.date(2025, 12, 1), contest_days=None)
    world.did(shop, 10)
    world.billed_approved_and_issued()
    return Invoice.objects.get(relay=shop)


def test_without_a_delay_in_the_mandate_it_may_be_contested_until_the_relay_accepts(without_delay: Invoice) -> None:
    handed_over.by_email(without_delay, ISSUED)
    assert delay.contestable_until(without_delay) is None
    assert delay.can_be_contested(without_delay, dt.date(2028, 1, 1))
    assert accepting.accept_tacitly(dt.date(2028, 1, 1)) == 0
    accepting.accept(invoice_id=without_delay.pk, by=cast.owner(without_delay.relay))
    assert not delay.can_be_contested(without_delay, today())


# The contest.


def test_a_contest_says_which_line_and_quantity_and_why_and_is_answered_in_ten_days(invoice: Invoice, alice: Person) -> None:
    line = invoice.lines.get()
    dispute = contesting.contest(invoice_id=invoice.pk, by=alice, text=" 12 de plus. ", line_id=line.pk, claimed_quantity=112)
    assert (dispute.line, dispute.claimed_quantity, dispute.state) == (line, 112, Dispute.State.OPEN)
    assert dispute.answer_by == dt.date(2026, 11, 20)
    assert DisputeMessage.objects.get().text == "12 de plus."
    entry = journaled(invoice)
    assert (entry.act, entry.by) == ("contested", alice)
    assert entry.detail["before"] == {"quantity": 100}
    assert entry.detail["after"] == {"quantity": 112, "state": "open"}


def test_a_line_of_another_invoice_is_no_line_of_this_one(invoice: Invoice, alice: Person) -> None:
    world.did(world.relay("R0002", shop=1), 5)
    world.billed_approved_and_issued()
    other = Invoice.objects.exclude(pk=invoice.pk).get()
    with pytest.raises(invoice.lines.model.DoesNotExist):
        contesting.contest(invoice_id=invoice.pk, by=alice, text="?", line_id=other.lines.get().pk)
    assert not Dispute.objects.exists()


def test_one_contest_at_a_time(invoice: Invoice, alice: Person) -> None:
    contested(invoice, alice)
    with pytest.raises(AlreadyContested):
        contested(invoice, alice)
    assert Dispute.objects.count() == 1


def test_on_the_last_day_still_and_on_the_next_no_more(invoice: Invoice, alice: Person) -> None:
    handed_over.by_email(invoice, ISSUED)
    with world.on(LAST_DAY + ONE, hour=0), pytest.raises(DelayIsOver, match=r"2.décembre.2026"):
        contested(invoice, alice)
    with world.on(LAST_DAY, hour=23):
        assert contested(invoice, alice)


def test_a_refused_contest_may_be_followed_by_another_within_the_delay(invoice: Invoice, alice: Person, sacha: Person) -> None:
    handed_over.by_email(invoice, ISSUED)
    deciding.refuse(dispute_id=contested(invoice, alice).pk, by=sacha, text="Le compte est bon.")
    assert delay.can_be_contested(invoice, today())
    assert contested(invoice, alice)


def test_a_granted_one_is_not_contested_again(invoice: Invoice, alice: Person, sacha: Person) -> None:
    deciding.grant(dispute_id=contested(invoice, alice).pk, by=sacha, text="Vous avez raison.")
    assert not delay.can_be_contested(invoice, today())
    with pytest.raises(AlreadyGranted):
        contested(invoice, alice)


def test_what_the_relay_accepted_is_not_contested_any_more(invoice: Invoice, alice: Person) -> None:
    accepting.accept(invoice_id=invoice.pk, by=alice)
    with pytest.raises(AlreadyAccepted):
        contested(invoice, alice)


# The exchange.


def test_a_question_waits_for_the_relay_whose_reply_waits_for_the_desk(invoice: Invoice, alice: Person, sacha: Person) -> None:
    dispute = contested(invoice, alice)
    assert deciding.ask(dispute_id=dispute.pk, by=sacha, text="À quelle heure ?").state == Dispute.State.ASKED
    with world.on(dt.date(2026, 11, 18)):
        replied = contesting.reply(dispute_id=dispute.pk, by=alice, text="À midi.")
    assert (replied.state, replied.answer_by) == (Dispute.State.OPEN, dt.date(2026, 11, 28))
    assert list(DisputeMessage.objects.values_list("from_desk", "text")) == [
        (False, "12 colis manquent."),
        (True, "À quelle heure ?"),
        (False, "À midi."),
    ]
    assert journaled(invoice).detail["before"] == {"state": "asked"}


def test_what_is_added_without_a_question_moves_no_deadline(invoice: Invoice, alice: Person) -> None:
    dispute = contested(invoice, alice)
    with world.on(dt.date(2026, 11, 18)):
        assert contesting.reply(dispute_id=dispute.pk, by=alice, text="Et le 15 aussi.").answer_by == dt.date(2026, 11, 20)


def test_an_answer_decides_nothing(invoice: Invoice, alice: Person, sacha: Person) -> None:
    answered = deciding.answer(dispute_id=contested(invoice, alice).pk, by=sacha, text="Nous cherchons.")
    assert (answered.state, answered.decided_by) == (Dispute.State.OPEN, None)


@pytest.mark.parametrize(("decide", "state"), [(deciding.grant, "granted"), (deciding.refuse, "refused")])
def test_a_decision_names_who_and_when_and_is_made_once(
    invoice: Invoice, alice: Person, sacha: Person, decide: Callable[..., Dispute], state: str
) -> None:
    dispute = contested(invoice, alice)
    decided = decide(dispute_id=dispute.pk, by=sacha, text="Parce que.")
    assert (decided.state, decided.decided_by, decided.decided_at is not None) == (state, sacha, True)
    assert journaled(invoice).detail["after"] == {"state": state}
    for again in (deciding.answer, deciding.ask, deciding.grant, deciding.refuse):
        with pytest.raises(AlreadyDecided, match="Sacha Perrin"):
            again(dispute_id=dispute.pk, by=cast.manager(), text="Non.")
    with pytest.raises(Decided):
        contesting.reply(dispute_id=dispute.pk, by=alice, text="Mais si.")
    assert DisputeMessage.objects.count() == 2


# Accepted.


def test_silence_accepts_on_the_day_after_the_last(invoice: Invoice) -> None:
    handed_over.by_email(invoice, ISSUED)
    assert accepting.accept_tacitly(LAST_DAY) == 0
    assert accepting.accept_tacitly(LAST_DAY + ONE) == 1
    accepted = Acceptance.objects.get()
    assert (accepted.accepted_on, accepted.by) == (LAST_DAY + ONE, None)
    assert (journaled(invoice).act, journaled(invoice).by) == ("accepted tacitly", None)
    assert journaled(invoice).detail["after"] == {"accepted_on": "2026-12-03"}
    assert accepting.accept_tacitly(LAST_DAY + ONE) == 0


def test_a_morning_that_was_missed_is_made_up_for(invoice: Invoice) -> None:
    handed_over.by_email(invoice, ISSUED)
    assert accepting.accept_tacitly(LAST_DAY + 40 * ONE) == 1
    assert Acceptance.objects.get().accepted_on == LAST_DAY + ONE


@pytest.mark.parametrize("late", [0, 1, 5, 45])
def test_silence_accepts_by_the_very_rule_of_the_delay(invoice: Invoice, late: int) -> None:
    handed_over.on_paper(invoice, ISSUED + late * ONE)
    until = delay.contestable_until(invoice)
    assert until is not None
    assert accepting.accept_tacitly(until) == 0
    assert accepting.accept_tacitly(until + ONE) == 1
    assert Acceptance.objects.get().accepted_on == until + ONE


def test_an_evening_in_paris_counts_for_its_own_day(invoice: Invoice) -> None:
    sent = handed_over.by_email(invoice, ISSUED)
    Delivery.objects.filter(pk=sent.pk).update(sent_at=dt.datetime(2026, 11, 4, 23, 30, tzinfo=dt.UTC))  # the 5th in Paris
    assert delay.contestable_until(invoice) == LAST_DAY + 3 * ONE
    assert accepting.accept_tacitly(LAST_DAY + 3 * ONE) == 0
    assert accepting.accept_tacitly(LAST_DAY + 4 * ONE) == 1


def test_what_was_never_handed_over_is_never_accepted_by_silence(invoice: Invoice) -> None:
    assert accepting.accept_tacitly(LAST_DAY + 100 * ONE) == 0


@pytest.mark.parametrize("state", [Dispute.State.OPEN, Dispute.State.ASKED, Dispute.State.GRANTED])
def test_a_contest_that_stands_is_in_the_way(invoice: Invoice, alice: Person, state: Dispute.State) -> None:
    handed_over.by_email(invoice, ISSUED)
    dispute = contested(invoice, alice)
    handed_over.decided(dispute, state, ISSUED + 9 * ONE)
    assert accepting.accept_tacitly(LAST_DAY + 100 * ONE) == 0
    with pytest.raises(AlreadyGranted if state == Dispute.State.GRANTED else Contested):
        accepting.accept(invoice_id=invoice.pk, by=alice)


@pytest.mark.parametrize(
    ("refused_on", "accepted_on"),
    [(dt.date(2026, 11, 20), LAST_DAY + ONE), (LAST_DAY + ONE, LAST_DAY + ONE), (dt.date(2026, 12, 9), dt.date(2026, 12, 9))],
)
def test_a_refused_contest_is_accepted_after_the_delay_and_not_before_it_was_refused(
    invoice: Invoice, alice: Person, refused_on: dt.date, accepted_on: dt.date
) -> None:
    handed_over.by_email(invoice, ISSUED)
    handed_over.decided(contested(invoice, alice), Dispute.State.REFUSED, refused_on)
    assert accepting.accept_tacitly(LAST_DAY + 20 * ONE) == 1
    assert Acceptance.objects.get().accepted_on == accepted_on


def test_the_relay_accepts_by_its_own_act_once(invoice: Invoice, alice: Person) -> None:
    accepted = accepting.accept(invoice_id=invoice.pk, by=alice)
    assert (accepted.accepted_on, accepted.by) == (dt.date(2026, 11, 10), alice)
    assert (journaled(invoice).act, journaled(invoice).by) == ("accepted", alice)
    with pytest.raises(AlreadyAccepted):
        accepting.accept(invoice_id=invoice.pk, by=alice)


def test_every_morning_the_worker_accepts(invoice: Invoice) -> None:
    what = WHAT_RUNS_WHEN["accept"]
    assert what["task"] == tasks.accept.name
    assert isinstance(what["schedule"], crontab)
    handed_over.by_email(invoice, ISSUED)
    with world.on(LAST_DAY + ONE, hour=5):
        tasks.accept()
    assert Acceptance.objects.filter(invoice=invoice).exists()
