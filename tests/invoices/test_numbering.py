"""Numbers and dates: continuous in a relay's own series, never backwards (CGI ann. II art. 242 nonies A I-7°)."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from invoices import issuing
from invoices.issuing import BadIssueDate
from invoices.models import Invoice, Run, Series
from invoices.period import Period
from relays.models import Relay
from tests import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOVEMBER, DECEMBER, JANUARY = (Period.named(name) for name in ("2026-11", "2026-12", "2027-01"))


def numbers() -> list[str]:
    return list(Invoice.objects.order_by("number").values_list("number", flat=True))


def approved(month: Period = world.OCTOBER, *, day: dt.date = world.BILLED_ON, code: str = "R0001") -> Relay:
    """One relay's month, billed and approved; the relay is made if need be."""
    if not Series.objects.exists() and not Relay.objects.exists():
        world.tariff()
    relay = Relay.objects.filter(code=code).first() or world.relay(code, shop=Relay.objects.count())
    world.did(relay, 100, month=month)
    world.bill(day, month=month)
    world.approve(day, month=month)
    return relay


# Numbers


def test_ranks_run_on_through_the_months_of_a_year_and_start_anew_in_january() -> None:
    """The year is the issue date's: December's activity, issued in January, is 2027's first invoice."""
    for month, day in ((world.OCTOBER, "2026-11-02"), (NOVEMBER, "2026-12-01"), (DECEMBER, "2027-01-04"), (JANUARY, "2027-02-01")):
        approved(month, day=dt.date.fromisoformat(day))
        world.issue(dt.date.fromisoformat(day), month=month)
    assert numbers() == ["R0001-2026-00001", "R0001-2026-00002", "R0001-2027-00001", "R0001-2027-00002"]


def test_each_relay_has_its_own_series_and_a_month_without_invoice_leaves_no_gap() -> None:
    approved()
    world.issue()
    approved(NOVEMBER, day=dt.date(2026, 12, 1), code="R0002")
    world.issue(dt.date(2026, 12, 1), month=NOVEMBER)
    approved(DECEMBER, day=dt.date(2026, 12, 31) + dt.timedelta(days=1))
    world.issue(dt.date(2027, 1, 1), issue_date=dt.date(2026, 12, 31), month=DECEMBER)
    assert numbers() == ["R0001-2026-00001", "R0001-2026-00002", "R0002-2026-00001"]


def test_numbers_have_the_operator_s_root_and_at_most_35_characters(settings: Any) -> None:
    settings.OPERATOR_SERIES = "OP-_9Z"
    approved(code="A23456789_123456-8")
    world.issue()
    (number,) = numbers()
    assert number == "OP-_9ZA23456789_123456-8-2026-00001"
    assert len(number) == 35


def test_another_root_is_another_series(settings: Any) -> None:
    approved()
    world.issue()
    settings.OPERATOR_SERIES = "X-"
    approved(NOVEMBER, day=dt.date(2026, 12, 1))
    world.issue(dt.date(2026, 12, 1), month=NOVEMBER)
    assert numbers() == ["R0001-2026-00001", "X-R0001-2026-00001"]


def test_a_number_whose_transaction_was_rolled_back_is_not_spent() -> None:
    approved()
    with transaction.atomic():
        world.issue()
        transaction.set_rollback(True)
    assert numbers() == []
    world.issue()
    assert numbers() == ["R0001-2026-00001"]


# Dates


@pytest.mark.parametrize(
    ("issue_date", "because"),
    [
        (dt.date(2026, 11, 3), "2026-11-03 is in the future: give today or an earlier day"),
        (dt.date(2026, 10, 30), "2026-10-30 is before 2026-10-31, the last day of 2026-10"),
    ],
)
def test_an_issue_date_that_cannot_be(issue_date: dt.date, because: str) -> None:
    approved()
    with pytest.raises(BadIssueDate, match=because):
        world.issue(issue_date=issue_date)
    assert (Run.objects.get().state, Run.objects.get().issue_date) == ("approved", None)


@pytest.mark.parametrize("issue_date", [dt.date(2026, 10, 31), dt.date(2026, 11, 2)])
def test_from_the_month_s_last_day_to_today_any_day_will_do(issue_date: dt.date) -> None:
    approved()
    assert world.issue(issue_date=issue_date) == 1
    assert Invoice.objects.get().issue_date == issue_date


def test_without_a_date_it_is_today_s_in_paris() -> None:
    approved()
    with world.on(dt.date(2026, 11, 5), hour=0):  # 4 November, 23:00 in UTC
        issuing.issue(world.OCTOBER, issue_date=None, progress=lambda _: None)
    invoice = Invoice.objects.get()
    assert (invoice.issue_date, invoice.due_date) == (dt.date(2026, 11, 5), dt.date(2026, 12, 5))


def test_the_due_date_is_as_many_days_later_as_the_settings_say(settings: Any) -> None:
    settings.OPERATOR_PAYMENT_DAYS = 45
    approved()
    world.issue()
    assert Invoice.objects.get().due_date == dt.date(2026, 12, 17)


def test_dates_never_run_backwards_for_a_relay_but_another_relay_s_do_not_count() -> None:
    approved()
    world.issue(dt.date(2026, 11, 10))
    september = world.OCTOBER.previous
    approved(september, day=dt.date(2026, 11, 11), code="R0002")
    assert world.issue(dt.date(2026, 11, 11), issue_date=dt.date(2026, 11, 9), month=september) == 1
    world.did(Relay.objects.get(code="R0001"), 4, month=september)
    world.bill(dt.date(2026, 11, 11), month=september)
    world.approve(dt.date(2026, 11, 11), month=september)
    with pytest.raises(BadIssueDate, match=r"2026-11-09 is before that of R0001-2026-00001, 2026-11-10: .* give 2026-11-10 or later"):
        world.issue(dt.date(2026, 11, 11), issue_date=dt.date(2026, 11, 9), month=september)
    assert world.issue(dt.date(2026, 11, 11), issue_date=dt.date(2026, 11, 10), month=september) == 1


def test_another_date_on_resuming_is_refused_and_the_same_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world.tariff()
    for shop, code in enumerate(("R0001", "R0002")):
        world.did(world.relay(code, shop=shop), 100)
    world.bill()
    world.approve()
    monkeypatch.setattr(issuing, "_AT_ONCE", 1)

    def killed(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), world.on(world.BILLED_ON):
        issuing.issue(world.OCTOBER, issue_date=dt.date(2026, 11, 1), progress=killed)
    with pytest.raises(BadIssueDate, match="being issued on 2026-11-01: go on without --issue-date, or with that day"):
        world.issue(issue_date=world.BILLED_ON)
    assert world.issue(issue_date=dt.date(2026, 11, 1)) == 1
    assert set(Invoice.objects.values_list("issue_date", flat=True)) == {dt.date(2026, 11, 1)}


def test_billing_again_frees_the_date() -> None:
    approved()
    Run.objects.update(state="issuing", issue_date=dt.date(2026, 11, 1))  # begun, nothing issued yet
    world.bill()
    world.approve()
    world.issue()
    assert Invoice.objects.get().issue_date == world.BILLED_ON
