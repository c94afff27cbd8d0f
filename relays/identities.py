"""Who a relay is on a day, and what is missing before it can be billed."""

import datetime as dt
from collections.abc import Collection

from relays.models import Identity, VatRegime

# Without these no invoice can be made out in the relay's name (CGI ann. II art. 242 nonies A).
REQUIRED = ("legal_name", "legal_form", "siret", "address_line1", "postcode", "city")


def in_force(day: dt.date, relay_ids: Collection[int]) -> dict[int, Identity]:
    """The identity in force on that day, by relay id; a relay without one is not in the result."""
    identities = (
        Identity.objects.filter(relay_id__in=relay_ids, valid_from__lte=day).order_by("relay_id", "-valid_from").distinct("relay_id")
    )
    return {identity.relay_id: identity for identity in identities}


def missing(identity: Identity | None) -> list[str]:
    """The names of the columns of relays.csv that an invoice needs and that are empty."""
    return list(REQUIRED) if identity is None else [field for field in REQUIRED if not getattr(identity, field)]


def vat_histories(relay_ids: Collection[int]) -> dict[int, list[VatRegime]]:
    """Each relay's VAT regimes in order of their first day, by relay id."""
    histories: dict[int, list[VatRegime]] = {}
    for regime in VatRegime.objects.filter(relay_id__in=relay_ids).order_by("relay_id", "valid_from"):
        histories.setdefault(regime.relay_id, []).append(regime)
    return histories
