"""The month in figures, beside the months before it."""

import datetime as dt
from decimal import Decimal

import pytest

from invoices import overview
from invoices.period import Period
from tests import world

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Period.named("2026-09"), Period.named("2026-10")


@pytest.fixture
def two_months() -> None:
    """September issued: 100 parcels under VAT. October in drafts: 200 parcels under VAT, 10 in the franchise, an adjustment."""
    world.tariff("LIV", (0, "1.0000"))
    one = world.relay("R0001")
    world.did(one, 100, month=SEPTEMBER)
    world.billed_approved_and_issued(dt.date(2026, 10, 2), month=SEPTEMBER)
    two = world.relay("R0002", shop=1, regime="franchise", opted_in=False)
    world.did(one, 200)
    world.adjusted(one, "-5.00")
    world.did(two, 10)
    world.bill()


@pytest.mark.usefixtures("two_months")
def test_totals_are_of_the_drafts_until_the_month_is_issued() -> None:
    found = overview.overview(OCTOBER)
    assert found.of_drafts
    assert (found.relays, found.net, found.vat, found.gross) == (2, Decimal("205.00"), Decimal("39.00"), Decimal("244.00"))
    world.approve()
    world.issue()
    again = overview.overview(OCTOBER)
    assert not again.of_drafts
    assert (again.relays, again.net, again.vat, again.gross) == (found.relays, found.net, found.vat, found.gross)
    assert [(s.code, s.nets) for s in again.services] == [(s.code, s.nets) for s in found.services]


@pytest.mark.usefixtures("two_months")
def test_each_service_stands_beside_its_last_months_and_adjustments_come_last() -> None:
    found = overview.overview(OCTOBER)
    assert [f"{month:%Y-%m}" for month in found.months] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    parcels, adjustments = found.services
    assert (parcels.code, parcels.quantity) == ("LIV", 210)
    assert parcels.nets == [0, 0, Decimal("100.00"), Decimal("210.00")]
    assert (adjustments.code, adjustments.nets[-1]) == ("", Decimal("-5.00"))


@pytest.mark.usefixtures("two_months")
def test_each_vat_treatment_has_its_base_and_its_vat() -> None:
    standard, franchise = overview.overview(OCTOBER).treatments
    assert standard.amounts[-2:] == [(Decimal("100.00"), Decimal("20.00")), (Decimal("195.00"), Decimal("39.00"))]
    assert franchise.amounts[-2:] == [(0, 0), (Decimal("10.00"), Decimal("0.00"))]


@pytest.mark.usefixtures("two_months")
def test_what_e_mail_saves_is_counted_from_issued_invoices_and_the_settings(settings: object) -> None:
    settings.OPERATOR_STAMP_COST, settings.OPERATOR_SHEET_COST = Decimal("1.00"), Decimal("0.10")  # type: ignore[attr-defined]
    world.approve()
    world.issue()
    september, october = overview.email_months(OCTOBER)
    assert (september.by_email, september.on_paper, september.saved, september.share) == (1, 0, Decimal("1.10"), 100)
    assert (october.by_email, october.on_paper, october.saved, october.share) == (1, 1, Decimal("1.10"), 50)


@pytest.mark.usefixtures("two_months")
def test_a_first_invoice_is_shown_after_what_is_odd() -> None:
    run = overview.overview(OCTOBER).run
    assert run is not None
    assert [draft.relay.code for draft, _ in overview.odd_drafts(run)] == ["R0002"]
    assert {draft.relay.code for draft in overview.sample(run)} == {"R0001", "R0002"}
