"""A made-up invoice on the operator's paper: what a letterhead looks like before any relay is billed."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from invoices.document.content import Content, DayCount, Letterhead, Line, Mention, Party, VatTotal
from invoices.money import to_cent
from invoices.period import Period

SELLER = Party(
    name="Épicerie de l’Étoile",
    legal_form="SARL",
    siret="28724467700848",
    vat_number="FR11287244677",
    address_line1="3 rue de l’Œuvre",
    postcode="78460",
    city="Chevreuse",
    rcs_city="Versailles",
    share_capital="8 000 €",
    iban="FR7690059324024422242085611",
)
_SERVICES = (("LIV", "Colis remis au destinataire", 620, "0.3850"), ("DEP", "Colis déposé par un expéditeur", 140, "0.2950"))
_RATE = Decimal("20.00")


def specimen(*, buyer: Party, mentions: Mapping[str, str], issue_date: dt.date, letterhead: Letterhead, with_annex: bool) -> Content:
    """The month before the issue date, of a shop that is not there; marked PROJET. mentions: text by code."""
    month = Period(issue_date.replace(day=1)).previous
    lines = tuple(line(*service, month=month) for service in _SERVICES)
    net = sum((one.net for one in lines), Decimal(0))
    vat = to_cent(net * _RATE / 100)
    return Content(
        number=f"R0000-{issue_date.year}-00000",
        issue_date=issue_date,
        due_date=issue_date + dt.timedelta(days=30),
        period_first=month.first,
        period_last=month.last,
        seller=SELLER,
        buyer=buyer,
        lines=lines,
        vat_totals=(VatTotal(category="S", rate=_RATE, base=net, vat=vat),),
        net=net,
        vat=vat,
        gross=net + vat,
        relay_code="R0000",
        mandate_version=str(issue_date.year),
        mandate_signed_on=month.first,
        contestable_until=issue_date + dt.timedelta(days=30),
        mentions=tuple(Mention(code=code, text=text) for code, text in mentions.items()),
        contest_address=buyer.email,
        support=buyer.email,
        letterhead=letterhead,
        day_counts=_days(month) if with_annex else (),
        draft=True,
    )


def line(code: str, label: str, quantity: int, price: str, *, month: Period) -> Line:
    """A month's line of a service at one price (EUR ex VAT), at 20 % VAT."""
    return Line(
        label=label,
        service_code=code,
        unit_code="C62",
        quantity=quantity,
        unit_price=Decimal(price),
        category="S",
        rate=_RATE,
        net=to_cent(quantity * Decimal(price)),
        first_day=month.first,
        last_day=month.last,
    )


def _days(month: Period) -> tuple[DayCount, ...]:
    """The month's first twenty days, a service's units shared out evenly."""
    return tuple(
        DayCount(day=month.first + dt.timedelta(days=place), label=label, quantity=quantity // 20)
        for place in range(20)
        for _, label, quantity, _ in _SERVICES
    )
