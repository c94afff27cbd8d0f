"""`issue`: what an invoice says, what is judged again on the issue date, and where it goes on when it was killed."""

import datetime as dt

import pytest
from django.db import connection

from invoices import holding, issuing
from invoices.issuing import NotApproved
from invoices.models import Draft, Due, Held, Invoice, Mention, Run
from relays.models import BilledDays, Identity, Mandate, OptIn, Relay
from selfbilling.models import JournalEntry
from tests import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NEXT_DAY = world.BILLED_ON + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def prices() -> None:
    world.tariff()


def network(*codes: str) -> list[Relay]:
    """Relays with 100 parcels each."""
    relays = [world.relay(code, shop=shop) for shop, code in enumerate(codes)]
    for relay in relays:
        world.did(relay, 100)
    return relays


def approved(*codes: str) -> list[Relay]:
    relays = network(*(codes or ("R0001",)))
    world.bill()
    world.approve()
    return relays


def from_day(relay: Relay, day: dt.date, **changes: str) -> None:
    """A new identity of that relay from a day on."""
    identity = Identity.objects.filter(relay=relay).latest("valid_from")
    identity.pk, identity.valid_from = None, day
    for field, value in changes.items():
        setattr(identity, field, value)
    identity.save()


def held() -> list[tuple[str, str, str]]:
    return [(one.relay.code, one.reason, one.detail) for one in Held.objects.select_related("relay").order_by("relay__code")]


# What is issued


def test_what_is_not_approved_is_not_issued() -> None:
    network("R0001")
    with pytest.raises(NotApproved, match="has no drafts: bill it"):
        world.issue()
    world.bill()
    with pytest.raises(NotApproved, match="are not approved: another member of billing"):
        world.issue()


def test_an_invoice_says_what_its_draft_said() -> None:
    (relay,) = network("R0001")
    world.adjusted(relay, "-5.00")
    world.bill()
    world.approve()
    assert world.issue() == 1
    draft, invoice = Draft.objects.get(), Invoice.objects.get()
    for one in (draft, invoice):
        assert (str(one.net), str(one.vat), str(one.gross)) == ("33.50", "6.70", "40.20")
    columns = issuing._LINE
    assert list(invoice.lines.values_list(*columns, "tariff_set")) == list(draft.lines.values_list(*columns, "tariff_set"))
    totals = ("category", "rate", "base", "vat")
    assert list(invoice.vat_totals.values_list(*totals)) == list(draft.vat_totals.values_list(*totals))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the database's own check that totals add up


def test_seller_and_buyer_stand_the_right_way_round() -> None:
    approved()
    world.issue()
    invoice = Invoice.objects.get()
    assert (invoice.seller["name"], invoice.seller["siret"]) == ("Épicerie de l’Étoile", world.SHOPS[0][0])
    assert invoice.seller_siren == world.SHOPS[0][0][:9]
    assert invoice.buyer["siret"] != invoice.seller["siret"]
    assert (invoice.type_code, invoice.currency, invoice.period) == ("389", "EUR", world.OCTOBER.first)


def test_what_is_written_with_an_invoice() -> None:
    (relay,) = approved()
    world.issue()
    invoice = Invoice.objects.get()
    assert list(Due.objects.values_list("invoice", "step")) == [(invoice.pk, "seal")]
    assert list(BilledDays.objects.values_list("relay", "first", "last")) == [(relay.pk, dt.date(2026, 10, 10), dt.date(2026, 10, 10))]
    assert JournalEntry.objects.get(act="issued").subject == "invoice:R0001-2026-00001"
    assert list(JournalEntry.objects.filter(act__startswith="issuing").values_list("act", flat=True).order_by("pk")) == [
        "issuing started",
        "issuing ended",
    ]


def test_nothing_left_to_issue_is_no_mistake() -> None:
    approved()
    assert [world.issue(), world.issue(), world.issue(NEXT_DAY)] == [1, 0, 0]
    assert Invoice.objects.count() == 1


def test_a_run_that_holds_everybody_ends_too() -> None:
    (relay,) = network("R0001")
    Identity.objects.filter(relay=relay).update(city="")
    world.bill()
    world.approve()
    assert world.issue() == 0
    assert Run.objects.get().state == "issued"


# Killed in between


def test_killed_between_two_transactions_it_goes_on_and_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    approved("R0001", "R0002", "R0003")
    monkeypatch.setattr(issuing, "_AT_ONCE", 2)

    def killed(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), world.on(world.BILLED_ON):
        issuing.issue(world.OCTOBER, issue_date=None, progress=killed)
    assert [invoice.number for invoice in Invoice.objects.all()] == ["R0001-2026-00001", "R0002-2026-00001"]
    run = Run.objects.get()
    assert (run.state, issuing.left(run)) == ("issuing", 1)
    assert world.issue(NEXT_DAY) == 1  # the issue date stays that of the first start
    assert set(Invoice.objects.values_list("issue_date", flat=True)) == {world.BILLED_ON}
    assert JournalEntry.objects.filter(act="issuing started").count() == 1


def test_progress_says_how_many_drafts_were_just_dealt_with(monkeypatch: pytest.MonkeyPatch) -> None:
    approved("R0001", "R0002", "R0003")
    Mandate.objects.filter(relay__code="R0002").delete()
    monkeypatch.setattr(issuing, "_AT_ONCE", 2)
    said: list[int] = []
    with world.on(world.BILLED_ON):
        assert issuing.issue(world.OCTOBER, issue_date=None, progress=said.append) == 2
    assert said == [2, 1]


# Who the relay is, on the issue date


@pytest.mark.parametrize(
    ("known_from", "issued_on", "name"),
    [
        (dt.date(2026, 11, 3), dt.date(2026, 11, 2), "Épicerie de l’Étoile"),
        (dt.date(2026, 11, 3), dt.date(2026, 11, 3), "Chez Noémie"),
    ],
)
def test_the_identity_in_force_on_the_issue_date_is_shown(known_from: dt.date, issued_on: dt.date, name: str) -> None:
    (relay,) = network("R0001")
    from_day(relay, known_from, legal_name="Chez Noémie")
    world.bill()
    world.approve()
    world.issue(NEXT_DAY, issue_date=issued_on)
    assert Invoice.objects.get().seller["name"] == name


def test_an_identity_that_becomes_incomplete_by_the_issue_date_holds() -> None:
    relay, _ = network("R0001", "R0002")
    from_day(relay, NEXT_DAY, city="")
    world.bill()
    world.approve()
    assert world.issue(NEXT_DAY) == 1
    assert held() == [("R0001", "incomplete_identity", "city empty on the issue date 2026-11-03: import it")]


def test_an_identity_that_the_official_rules_refuse_by_the_issue_date_holds() -> None:
    relay, _ = network("R0001", "R0002")
    from_day(relay, NEXT_DAY, country="ZZ")  # no file can bring it in
    world.bill()
    world.approve()
    assert world.issue(NEXT_DAY) == 1
    ((code, reason, detail),) = held()
    assert (code, reason) == ("R0001", "document_rejected")
    assert "BR-CL-14" in detail or "country" in detail.casefold(), detail


# By whose authority


def test_a_mandate_that_ended_between_bill_and_issue_holds_and_the_others_are_issued() -> None:
    relay, *_ = approved("R0001", "R0002", "R0003")
    Mandate.objects.filter(relay=relay).update(valid_to=world.BILLED_ON)
    assert world.issue(NEXT_DAY) == 2
    assert held() == [
        (
            "R0001",
            "no_mandate",
            "the issue date 2026-11-03 is not covered by an approved mandate: have one approved that is valid on that day",
        )
    ]
    assert [invoice.number for invoice in Invoice.objects.all()] == ["R0002-2026-00001", "R0003-2026-00001"]


def test_a_mandate_withdrawn_for_a_billed_day_holds_and_names_the_day() -> None:
    (relay,) = approved()
    Mandate.objects.filter(relay=relay).update(valid_from=dt.date(2026, 10, 11))
    assert world.issue() == 0
    assert held()[0][1:] == (
        "no_mandate",
        "2026-10-10 is not covered by an approved mandate: have one approved that is valid on that day",
    )


def test_the_mandate_in_force_on_the_issue_date_is_named_and_sets_the_delay() -> None:
    (relay,) = network("R0001")
    Mandate.objects.filter(relay=relay).update(valid_to=world.BILLED_ON)
    newer = world.give_mandate(relay, NEXT_DAY, contest_days=15)
    world.bill()
    world.approve()
    world.issue(NEXT_DAY)
    invoice = Invoice.objects.get()
    assert (invoice.mandate, invoice.mandate_version, invoice.mandate_signed_on) == (newer, "text-15", NEXT_DAY)
    assert invoice.contestable_until == dt.date(2026, 11, 18)  # 3 November and 15 days, the last one included


def test_a_mandate_without_a_delay_makes_no_last_day_to_contest() -> None:
    relay = world.relay(mandate=None)
    world.give_mandate(relay, dt.date(2025, 12, 1), contest_days=None)
    world.did(relay, 100)
    world.billed_approved_and_issued()
    assert Invoice.objects.get().contestable_until is None


def test_a_person_s_hold_after_the_approval_holds_at_issue() -> None:
    relay, *_ = approved("R0001", "R0002")
    holding.hold(relay=relay, month=world.OCTOBER.first, why="The relay telephoned", by=world.dominique())
    assert world.issue() == 1
    assert held() == [("R0001", "anomaly", "The relay telephoned")]


# By e-mail or on paper


@pytest.mark.parametrize(
    ("consent", "address", "channel"),
    [
        ({"given_on": world.BILLED_ON}, "r@example.org", "email"),  # dated on the issue date
        ({"given_on": NEXT_DAY}, "r@example.org", "paper"),  # after it
        ({"given_on": dt.date(2026, 3, 1), "withdrawn_on": world.BILLED_ON}, "r@example.org", "paper"),
        ({"given_on": dt.date(2026, 3, 1)}, "", "paper"),  # no address
        (None, "r@example.org", "paper"),  # an address is no consent
    ],
)
def test_e_mail_needs_a_consent_in_force_and_an_address(consent: dict[str, dt.date] | None, address: str, channel: str) -> None:
    relay = world.relay(email=address, opted_in=False)
    if consent:
        OptIn.objects.create(relay=relay, source=OptIn.Source.PORTAL, **consent)
    world.did(relay, 100)
    world.billed_approved_and_issued()
    invoice = Invoice.objects.get()
    assert (invoice.channel, invoice.email) == (channel, address if channel == "email" else "")


def test_a_consent_withdrawn_after_the_approval_means_paper() -> None:
    (relay,) = approved()
    OptIn.objects.filter(relay=relay).update(withdrawn_on=world.BILLED_ON)
    world.issue()
    assert Invoice.objects.get().channel == "paper"


# The law's sentences


def test_a_sentence_that_applies_later_does_not_change_today_s() -> None:
    """VAT law moves from the CGI to the CIBS on 1 January 2027."""
    before = Mention.objects.filter(code="franchise").latest("applies_from").text
    Mention.objects.create(code="franchise", applies_from=NEXT_DAY, text="TVA non applicable, CIBS ({relay})")
    for code, day in (("R0001", world.BILLED_ON), ("R0002", NEXT_DAY)):
        world.did(world.relay(code, shop=int(code[-1]), regime="franchise"), 100)
        world.billed_approved_and_issued(day)
    texts = [invoice.mentions["franchise"] for invoice in Invoice.objects.order_by("number")]
    assert texts == [before, "TVA non applicable, CIBS (Épicerie de l’Étoile)"]


def test_the_sentences_name_operator_and_penalty_rate() -> None:
    approved()
    world.issue()
    invoice = Invoice.objects.get()
    assert invoice.buyer["name"] in invoice.mentions["self_billing"]
    assert "Autofacturation" in invoice.mentions["self_billing"]
    assert "12,15" in invoice.mentions["penalties"]
    assert not any("{" in text for text in invoice.mentions.values())
