"""A small world for tests: one relay or a few, made without files, in October 2026."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import time_machine

from invoices import approving, drafting, issuing, production
from invoices.models import Activity, Adjustment, Band, Due, Invoice, Run, TariffSet
from invoices.period import PARIS, Period
from relays import people
from relays.models import Identity, Mandate, MandateText, OptIn, Person, Relay, VatRegime

OCTOBER = Period(dt.date(2026, 10, 1))
BILLED_ON = dt.date(2026, 11, 2)
# (SIRET, VAT number) of shops that do not exist, with right check digits.
SHOPS = [
    ("28724467700848", "FR11287244677"),
    ("10171765029753", "FR80101717650"),
    ("22138070253291", "FR93221380702"),
    ("67262688449921", "FR43672626884"),
    ("70852953284188", "FR60708529532"),
]


@contextmanager
def on(day: dt.date, hour: int = 12) -> Iterator[None]:
    """That day, in Paris. The database keeps its own time."""
    with time_machine.travel(dt.datetime(day.year, day.month, day.day, hour, tzinfo=PARIS), tick=True):
        yield


def relay(
    code: str = "R0001",
    *,
    shop: int = 0,
    regime: str = "standard",
    vat_number: str | None = None,
    mandate: tuple[dt.date, dt.date | None] | None = (dt.date(2025, 12, 1), None),
    opted_in: bool = True,
    **identity: Any,
) -> Relay:
    """A relay that may be billed, unless the arguments say otherwise."""
    siret, number = SHOPS[shop]
    made = Relay.objects.create(code=code)
    who = {
        "legal_name": "Épicerie de l’Étoile",
        "legal_form": "SARL",
        "siret": siret,
        "address_line1": "12 rue de l’Œuvre",
        "postcode": "44000",
        "city": "Nantes",
        "email": f"{code.lower()}@example.org",
        "iban": "FR7690059324024422242085611",
    }
    Identity.objects.create(relay=made, **{**who, **identity})
    shown = (number if regime == "standard" else "") if vat_number is None else vat_number
    VatRegime.objects.create(relay=made, valid_from=dt.date(2025, 1, 1), regime=regime, vat_number=shown)
    if mandate is not None:
        give_mandate(made, *mandate)
    if opted_in:
        OptIn.objects.create(relay=made, given_on=dt.date(2026, 3, 1), source=OptIn.Source.TAKEN_OVER)
    return made


def give_mandate(to: Relay, valid_from: dt.date, valid_to: dt.date | None = None, *, contest_days: int | None = 30) -> Mandate:
    """An approved mandate."""
    text, _ = MandateText.objects.get_or_create(version=f"text-{contest_days}", defaults={"contest_days": contest_days})
    return Mandate.objects.create(
        relay=to, text=text, signed_on=valid_from, valid_from=valid_from, valid_to=valid_to, channel="paper", state="approved"
    )


def tariff(service: str = "LIV", *bands: tuple[int, str], of: Relay | None = None, valid_from: dt.date = dt.date(2026, 1, 1)) -> TariffSet:
    """A set of bands (from_quantity, unit price); one band of 0.3850 by default."""
    made = TariffSet.objects.create(service_code=service, relay=of, valid_from=valid_from)
    for start, price in bands or ((0, "0.3850"),):
        Band.objects.create(tariff_set=made, from_quantity=start, unit_price=Decimal(price), label=f"Service {service}", unit_code="C62")
    return made


def did(who: Relay, quantity: int, *, day: int = 10, service: str = "LIV", month: Period = OCTOBER) -> Activity:
    """Activity on a day of October 2026, or of another month."""
    return Activity.objects.create(relay=who, day=month.first.replace(day=day), service_code=service, quantity=quantity)


def adjusted(who: Relay, amount: str, *, day: int = 28, label: str = "Malus qualité", month: Period = OCTOBER) -> Adjustment:
    """An adjustment on a day of October 2026, or of another month."""
    return Adjustment.objects.create(relay=who, day=month.first.replace(day=day), label=label, amount=Decimal(amount))


def camille() -> Person:
    """A member of billing, who bills."""
    return people.create_staff(email="camille@example.org", group="billing")


def dominique() -> Person:
    """Another member of billing, who approves."""
    return people.create_staff(email="dominique@example.org", group="billing")


def bill(day: dt.date = BILLED_ON, *, month: Period = OCTOBER) -> Run:
    """October 2026, or another month, billed by Camille."""
    with on(day):
        return drafting.draft(month, by=camille(), progress=lambda *_: None)


def approve(day: dt.date = BILLED_ON, *, month: Period = OCTOBER) -> Run:
    """… and approved by Dominique."""
    with on(day):
        return approving.approve(month, by=dominique())


def issue(day: dt.date = BILLED_ON, *, issue_date: dt.date | None = None, month: Period = OCTOBER) -> int:
    """… and issued; returns how many."""
    with on(day):
        return issuing.issue(month, issue_date=issue_date, progress=lambda *_: None)


def billed_approved_and_issued(day: dt.date = BILLED_ON, *, month: Period = OCTOBER) -> None:
    """The whole road to numbers."""
    bill(day, month=month)
    approve(day, month=month)
    issue(day, month=month)


def sealed_and_archived() -> None:
    """Whatever is issued, sealed and in the archive."""
    ids = list(Due.objects.values_list("invoice_id", flat=True))
    production.produce(ids)
    production.shelve(ids)


def an_invoice(code: str = "R0001", quantity: int = 100, **who: Any) -> Invoice:
    """One issued invoice of one relay."""
    made = relay(code, **who)
    if not TariffSet.objects.exists():
        tariff()
    did(made, quantity)
    billed_approved_and_issued()
    return Invoice.objects.get(relay=made)
