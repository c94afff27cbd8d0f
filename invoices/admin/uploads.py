"""What months are billed from, through the admin: tariffs, activity, adjustments; and payments. For billing."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from invoices.importing import activity, adjustments, payments, sentences, tariffs
from relays import access
from selfbilling.tabular.importing import Judge
from selfbilling.uploading import Upload, Uploading

_BY_THE_MILLION = 100_000_000  # bytes: rows that are compared in PostgreSQL, not in memory


def _tariffs(_person: object) -> Judge:
    return tariffs.judge


def _activity(_person: object) -> Judge:
    return activity.judge


def _adjustments(_person: object) -> Judge:
    return adjustments.judge


def _payments(_person: object) -> Judge:
    return payments.judge


class BillingUploads(Uploading):
    """What the runs' admin takes in."""

    uploads: ClassVar = (
        Upload(
            kind="activite",
            title=_("Activity"),
            hint=_("Parcels and services, by relay and day. What is there already is left alone."),
            table=activity.TABLE,
            judge=_activity,
            labels={},
            sentences=sentences.DAILY,
            at_most=_BY_THE_MILLION,
        ),
        Upload(
            kind="ajustements",
            title=_("Adjustments"),
            hint=_("One-off amounts for a relay’s own service, before VAT, up or down."),
            table=adjustments.TABLE,
            judge=_adjustments,
            labels={},
            sentences=sentences.DAILY,
            at_most=_BY_THE_MILLION,
        ),
        Upload(
            kind="tarifs",
            title=_("Tariffs"),
            hint=_("Prices by service, with their bands, for the network or for one relay."),
            table=tariffs.TABLE,
            judge=_tariffs,
            labels={"unit_price": _("Unit price"), "label": _("Label"), "unit_code": _("Unit")},
            sentences=sentences.TARIFFS,
        ),
        Upload(
            kind="paiements",
            title=_("Payments"),
            hint=_("What you paid, invoice by invoice. The relays see it."),
            table=payments.TABLE,
            judge=_payments,
            labels={},
            sentences=sentences.PAYMENTS,
        ),
    )

    def may_upload(self, request: HttpRequest) -> bool:
        """Members of billing."""
        person: Any = request.user
        return access.is_of(person, "billing")
