"""What stands on an invoice: the one place that puts relay, operator, mandate, law and totals together.

The invoice is the relay's (seller, mandant); the operator (buyer, mandataire) makes it out in the relay's name.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings

from invoices.document.content import Party
from invoices.document.kinds import Issuer, kind_of
from invoices.judging import Rated
from invoices.models import Draft, Invoice, Mention
from relays.models import Identity, Mandate, Relay


def root_of(relay: Relay) -> str:
    """The root of that relay's numbers: the operator's own, then the relay's code (docs/files.md, Numbering)."""
    return kind_of(issuer=Issuer.OPERATOR).root(operator_series=settings.OPERATOR_SERIES, relay_code=relay.code)


def number(*, root: str, year: int, rank: int) -> str:
    """The invoice number, at most 35 characters of letters, digits, - and _ (BR-FR-01/02)."""
    return f"{root}-{year}-{rank:05d}"


def make_out(
    drafted: Draft | Rated,
    *,
    relay: Relay,
    identity: Identity,
    vat_number: str,
    mandate: Mandate,
    by_email: bool,
    mentions: Mapping[str, str],
    issue_date: dt.date,
    rank: int,
) -> Invoice:
    """A draft, kept or just rated, as an invoice of that day: not saved, without series and run. mentions: that day's; rank 0: draft."""
    email = identity.email if by_email else ""
    return Invoice(
        relay=relay,
        period=drafted.first_day.replace(day=1),
        seller_siren=identity.siret[:9],
        year=issue_date.year,
        rank=rank,
        number=number(root=root_of(relay), year=issue_date.year, rank=rank),
        issue_date=issue_date,
        due_date=issue_date + dt.timedelta(days=settings.OPERATOR_PAYMENT_DAYS),
        first_day=drafted.first_day,
        last_day=drafted.last_day,
        net=drafted.net,
        vat=drafted.vat,
        gross=drafted.gross,
        seller=_seller(identity, vat_number),
        buyer=asdict(operator()),
        mentions={code: filled(text, relay=identity.legal_name) for code, text in mentions.items()},
        mandate=mandate,
        mandate_version=mandate.text.version,
        mandate_signed_on=mandate.signed_on,
        contestable_until=_days_after(issue_date, mandate.text.contest_days),
        channel=Invoice.Channel.EMAIL if email else Invoice.Channel.PAPER,
        email=email,
    )


def _days_after(day: dt.date, days: int | None) -> dt.date | None:
    return None if days is None else day + dt.timedelta(days=days)


def operator() -> Party:
    """The operator's identity, from the settings."""
    return Party(**settings.OPERATOR)


def _seller(identity: Identity, vat_number: str) -> dict[str, Any]:
    party = Party(
        name=identity.legal_name,
        trade_name=identity.trade_name,
        legal_form=identity.legal_form,
        siret=identity.siret,
        vat_number=vat_number,
        address_line1=identity.address_line1,
        address_line2=identity.address_line2,
        postcode=identity.postcode,
        city=identity.city,
        country=identity.country,
        rcs_city=identity.rcs_city,
        share_capital=identity.share_capital,
        email=identity.email,
        phone=identity.phone,
        iban=identity.iban,
    )
    return {**asdict(party), "vat_on_debits": identity.vat_on_debits}


def filled(text: str, *, relay: str) -> str:
    """A mention with the names of both and the penalties' rate in it. relay: its legal name."""
    rate = f"{settings.OPERATOR_PENALTY_RATE:.2f}".replace(".", ",")
    for place, value in (("{operator}", settings.OPERATOR["name"]), ("{relay}", relay), ("{rate}", rate)):
        text = text.replace(place, value)
    return text


def mentions_in_force(day: dt.date) -> dict[str, str]:
    """The text of each mention in force on that day, by code."""
    return dict(Mention.objects.filter(applies_from__lte=day).order_by("applies_from").values_list("code", "text"))
