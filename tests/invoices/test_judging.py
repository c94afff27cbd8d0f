"""Which relays are billed, which are held and with which reason, which are neither."""

import datetime as dt
from typing import Any

import pytest

from invoices import inputs
from invoices.models import Band, Draft, Held, Run
from relays.models import Identity, Relay, VatRegime
from tests import world

pytestmark = pytest.mark.django_db

ISSUED_ON = world.BILLED_ON


@pytest.fixture(autouse=True)
def prices() -> None:
    world.tariff("LIV", (0, "0.4000"), (10, "0.3000"))


def reason(run: Run | None = None) -> tuple[str, str]:
    """(reason, detail) of the only relay that the run holds."""
    held = Held.objects.get(run=run or world.bill())
    return held.reason, held.detail


def held_for(reason_expected: str, *, because: str) -> None:
    found, detail = reason()
    assert (found, because in detail) == (reason_expected, True), f"{found}: {detail}"
    assert not Draft.objects.exists()


def regime_from(relay: Relay, day: dt.date, regime: str, vat_number: str = "") -> None:
    VatRegime.objects.create(relay=relay, valid_from=day, regime=regime, vat_number=vat_number)


# Mandates: CGI art. 289 I-2


@pytest.mark.parametrize(
    ("mandates", "uncovered"),
    [
        ([], "2026-10-05"),
        ([(dt.date(2026, 10, 6), None)], "2026-10-05"),
        ([(dt.date(2026, 10, 5), dt.date(2026, 10, 19))], "2026-10-20"),
        ([(dt.date(2026, 10, 5), dt.date(2026, 10, 20))], "the issue date 2026-11-02"),
        ([(dt.date(2026, 10, 5), dt.date(2026, 11, 1))], "the issue date 2026-11-02"),
        ([(dt.date(2025, 12, 1), dt.date(2026, 10, 5)), (dt.date(2026, 11, 2), None)], "2026-10-20"),
    ],
)
def test_a_day_without_a_mandate_holds_and_is_named(mandates: list[tuple[dt.date, dt.date | None]], uncovered: str) -> None:
    relay = world.relay(mandate=None)
    for days in mandates:
        world.give_mandate(relay, *days)
    world.did(relay, 3, day=5)
    world.adjusted(relay, "5.00", day=20)
    held_for("no_mandate", because=f"{uncovered} is not covered by an approved mandate: have one approved")


def test_billed_days_and_issue_date_may_lie_under_different_mandates_with_a_gap_where_nothing_was_done() -> None:
    relay = world.relay(mandate=None)
    for first, last in (("2025-12-01", "2026-10-05"), ("2026-10-20", "2026-10-20"), ("2026-11-02", "2026-11-02")):
        world.give_mandate(relay, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    world.did(relay, 3, day=5)
    world.did(relay, 3, day=20)
    assert world.bill().drafts.count() == 1


def test_a_mandate_that_waits_for_approval_is_none() -> None:
    relay = world.relay()
    relay.mandates.update(state="consented")
    world.did(relay, 3)
    held_for("no_mandate", because="2026-10-10")


def test_a_wrong_count_that_was_wholly_corrected_on_its_day_needs_no_mandate() -> None:
    relay = world.relay(mandate=(dt.date(2026, 10, 6), None))
    world.did(relay, 7, day=5)
    world.did(relay, -7, day=5)
    world.did(relay, 3, day=6)
    draft = world.bill().drafts.get()
    assert (draft.first_day, draft.last_day) == (dt.date(2026, 10, 6), dt.date(2026, 10, 6))


# Identity: CGI ann. II art. 242 nonies A


@pytest.mark.parametrize("field", ["legal_name", "legal_form", "siret", "address_line1", "postcode", "city"])
def test_an_empty_field_that_an_invoice_needs_holds_and_is_named(field: str) -> None:
    empty: dict[str, Any] = {field: ""}
    world.did(world.relay(**empty), 3)
    held_for("incomplete_identity", because=f"{field} empty: import it")


def test_what_an_invoice_does_not_need_may_be_empty() -> None:
    world.did(world.relay(trade_name="", email="", iban="", phone="", address_line2=""), 3)
    assert world.bill().drafts.count() == 1


def test_all_empty_fields_are_named_at_once() -> None:
    world.did(world.relay(city="", siret=""), 3)
    held_for("incomplete_identity", because="siret, city empty: import them")


def test_vat_charged_without_a_number_holds() -> None:
    world.did(world.relay(vat_number=""), 3)
    held_for("incomplete_identity", because="vat_number is empty although VAT is charged on 2026-10-10")


def test_a_franchise_needs_no_vat_number() -> None:
    world.did(world.relay(regime="franchise"), 3)
    assert world.bill().drafts.count() == 1


@pytest.mark.parametrize(("first", "then", "is_held"), [("FR11287244677", "", True), ("", "FR11287244677", False)])
def test_the_number_that_counts_is_the_one_shown_that_of_the_latest_regime_among_the_billed_days(
    first: str, then: str, is_held: bool
) -> None:
    relay = world.relay(vat_number=first)
    regime_from(relay, dt.date(2026, 10, 16), "franchise", then)
    world.did(relay, 3, day=15)
    world.did(relay, 3, day=16)
    run = world.bill()
    assert [held.reason for held in run.held.all()] == (["incomplete_identity"] if is_held else [])


def test_a_later_regime_in_which_nothing_was_done_does_not_count() -> None:
    relay = world.relay()
    regime_from(relay, dt.date(2026, 10, 16), "standard")
    world.did(relay, 3, day=15)
    assert world.bill().drafts.count() == 1


def test_a_billed_day_before_the_first_regime_holds() -> None:
    relay = world.relay()
    VatRegime.objects.filter(relay=relay).update(valid_from=dt.date(2026, 10, 6))
    world.did(relay, 3, day=5)
    held_for("incomplete_identity", because="no VAT regime on 2026-10-05")


def test_who_the_relay_is_today_counts_and_not_who_it_will_be() -> None:
    relay = world.relay(city="")
    later = Identity.objects.get(relay=relay)
    later.pk, later.city, later.valid_from = None, "Nantes", ISSUED_ON + dt.timedelta(days=1)
    later.save()
    world.did(relay, 3)
    assert reason()[0] == "incomplete_identity"
    assert world.bill(ISSUED_ON + dt.timedelta(days=1)).drafts.count() == 1


# Tariffs


def test_a_service_without_a_set_in_force_holds_and_is_named() -> None:
    other = world.relay("R0002", shop=1)
    world.tariff("DEP", valid_from=dt.date(2026, 11, 1))
    world.tariff("RET", of=other)
    relay = world.relay()
    world.did(relay, 3)
    world.did(relay, 3, service="DEP")
    world.did(relay, 3, service="RET")
    held_for("unknown_tariff", because="no tariff of DEP, RET in force in 2026-10")


def test_a_service_whose_days_all_sum_to_zero_needs_no_tariff() -> None:
    relay = world.relay()
    world.did(relay, 3)
    world.did(relay, 4, service="DEP")
    world.did(relay, -4, service="DEP")
    assert world.bill().drafts.count() == 1


def test_the_relay_s_own_set_goes_before_the_network_s_and_the_latest_replaces_the_older_one_whole() -> None:
    relay, other, waiting = (world.relay(code, shop=shop) for shop, code in enumerate(("R0001", "R0002", "R0003")))
    world.tariff("LIV", (0, "0.5000"), of=relay, valid_from=dt.date(2025, 1, 1))
    world.tariff("LIV", (0, "9.0000"), of=waiting, valid_from=dt.date(2026, 11, 1))
    world.tariff("LIV", (0, "0.7000"), valid_from=dt.date(2026, 10, 1))
    for each in (relay, other, waiting):
        world.did(each, 20)
    drafts = world.bill().drafts.order_by("relay__code")
    assert [str(draft.net) for draft in drafts] == ["10.00", "14.00", "14.00"]


# Totals


@pytest.mark.parametrize(("amount", "held"), [("-1.20", False), ("-1.21", True)])
def test_exactly_nothing_is_invoiced_and_a_cent_less_is_held(amount: str, held: bool) -> None:
    relay = world.relay()
    world.did(relay, 3)
    world.adjusted(relay, amount)
    run = world.bill()
    assert [(one.reason, one.detail[:24]) for one in run.held.all()] == ([("negative_total", "net -0.01, gross -0.01: ")] if held else [])
    assert run.drafts.count() == (not held)


def test_a_negative_gross_holds_although_the_net_is_not_negative() -> None:
    """The deduction is under VAT, what was done is not: 0.00 net, −0.24 gross."""
    relay = world.relay(regime="franchise")
    regime_from(relay, dt.date(2026, 10, 16), "standard", "FR11287244677")
    world.did(relay, 3, day=5)
    world.adjusted(relay, "-1.20")
    held_for("negative_total", because="net 0.00, gross -0.24")


def test_one_relay_of_absurd_amounts_is_held_and_the_others_are_billed() -> None:
    """Larger than what the database holds of an amount."""
    world.tariff("OR", (0, "99999999.0000"))
    relays = [world.relay(f"R000{shop}", shop=shop) for shop in range(3)]
    world.did(relays[0], 2_000_000_000, service="OR")
    world.adjusted(relays[1], "100000000.00")
    world.did(relays[2], 3)
    run = world.bill()
    assert [draft.relay for draft in run.drafts.all()] == [relays[2]]
    assert {(held.reason, "check the figures" in held.detail) for held in run.held.all()} == {("document_rejected", True)}


# The first reason


def test_the_first_reason_is_given_and_mending_it_shows_the_next() -> None:
    relay = world.relay(mandate=None, city="")
    world.did(relay, 3)
    world.did(relay, 3, service="DEP")
    world.adjusted(relay, "-50.00")
    assert reason()[0] == "no_mandate"
    world.give_mandate(relay, dt.date(2026, 1, 1))
    assert reason()[0] == "incomplete_identity"
    Identity.objects.update(city="Nantes")
    assert reason()[0] == "unknown_tariff"
    band = world.tariff("DEP").bands.get()
    assert reason()[0] == "negative_total"
    world.adjusted(relay, "80.00", label="Prime")
    Band.objects.filter(pk=band.pk).update(unit_code="XXX")
    assert reason()[0] == "document_rejected"
    Band.objects.filter(pk=band.pk).update(unit_code="C62")
    assert world.bill().drafts.count() == 1


# Neither billed nor held


def test_a_relay_with_no_line_left_is_neither_billed_nor_held() -> None:
    world.did(world.relay("R0001"), 3)
    nothing = world.relay("R0002", shop=1, mandate=None, city="")  # it needs neither
    world.did(nothing, 8, day=5)
    world.did(nothing, -8, day=6)
    run = world.bill()
    assert [draft.relay.code for draft in run.drafts.all()] == ["R0001"]
    assert not run.held.exists()


def test_where_its_lines_cannot_be_worked_out_a_relay_is_held_all_the_same() -> None:
    world.did(world.relay("R0001"), 3)
    unknown = world.relay("R0002", shop=1)
    world.did(unknown, 8, day=5, service="DEP")
    world.did(unknown, -8, day=6, service="DEP")
    assert reason()[0] == "unknown_tariff"


def test_a_relay_without_anything_in_the_month_is_nowhere() -> None:
    world.did(world.relay("R0001"), 3)
    idle = world.relay("R0002", shop=1, city="")
    world.did(idle, 3, month=world.OCTOBER.previous)
    with world.on(world.BILLED_ON):
        month = inputs.read(world.OCTOBER, day=world.BILLED_ON)
    assert [each.relay.code for each in month.relays] == ["R0001"]


def test_what_is_rated_is_in_the_draft() -> None:
    relay = world.relay()
    world.did(relay, 12, day=3)
    world.did(relay, -1, day=4)
    world.adjusted(relay, "-1.00", day=20, label="Malus")
    world.adjusted(relay, "0.50", day=2, label="Prime")
    draft = world.bill().drafts.get()
    assert [
        (line.position, line.service_code, line.label, line.quantity, str(line.unit_price), str(line.net)) for line in draft.lines.all()
    ] == [
        (1, "LIV", "Service LIV", 10, "0.4000", "4.00"),
        (2, "LIV", "Service LIV", 1, "0.3000", "0.30"),
        (3, "", "Prime", 1, "0.5000", "0.50"),
        (4, "", "Malus", -1, "1.0000", "-1.00"),
    ]
    assert [(total.category, str(total.base), str(total.vat)) for total in draft.vat_totals.all()] == [("S", "3.80", "0.76")]
    assert (str(draft.net), str(draft.vat), str(draft.gross)) == ("3.80", "0.76", "4.56")
    assert (draft.first_day, draft.last_day) == (dt.date(2026, 10, 2), dt.date(2026, 10, 20))
