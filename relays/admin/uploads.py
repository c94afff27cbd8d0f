"""relays.csv and mandates.csv, through the admin: for clerks. Mandates wait for a second clerk there."""

from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relays import access
from relays.importing import mandates, relays, sentences
from relays.models import Person
from selfbilling.tabular.importing import Judge
from selfbilling.uploading import Upload, Uploading

RELAY_LABELS = {
    "legal_name": _("Legal name"),
    "trade_name": _("Trade name"),
    "legal_form": _("Legal form"),
    "siret": "SIRET",
    "vat_number": _("VAT number"),
    "vat_regime": _("VAT regime"),
    "address_line1": _("Address"),
    "address_line2": _("Address, second line"),
    "postcode": _("Postcode"),
    "city": _("City"),
    "country": _("Country"),
    "email": _("E-mail address"),
    "phone": _("Phone"),
    "iban": "IBAN",
    "email_opt_in_on": _("Agreed to e-mail on"),
    "rcs_city": _("City of the trade register"),
    "share_capital": _("Share capital"),
    "vat_on_debits": _("VAT on debits"),
    "size": _("Size"),
}


def _relays(_person: Person) -> Judge:
    return relays.judge


def _mandates(person: Person) -> Judge:
    return partial(mandates.judge_to_approve, entered_by=person)


class RelayUploads(Uploading):
    """What the relays' admin takes in."""

    uploads: ClassVar = (
        Upload(
            kind="relais",
            title=_("Relays"),
            hint=_("Who the relays are, their VAT regimes, the consents to e-mail that you hold on file."),
            table=relays.TABLE,
            judge=_relays,
            labels=RELAY_LABELS,
            sentences=sentences.RELAYS,
        ),
        Upload(
            kind="mandats",
            title=_("Mandates"),
            hint=_("Mandates signed on paper. Another clerk approves them before they count."),
            table=mandates.TABLE,
            judge=_mandates,
            labels={"valid_to": _("Last valid day")},
            sentences=sentences.MANDATES,
            then=_("New mandates wait for another clerk, who approves them."),
        ),
    )

    def may_upload(self, request: HttpRequest) -> bool:
        """Clerks."""
        person: Any = request.user
        return access.is_of(person, "clerks")
