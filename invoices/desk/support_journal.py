"""The journal's rows that are about a relay: itself, its mandates, its invoices."""

from django.db.models import QuerySet

from invoices.models import Invoice
from relays.models import Mandate, Relay
from selfbilling.models import JournalEntry


def of_relay(relay: Relay) -> QuerySet[JournalEntry]:
    """The latest first."""
    subjects = [f"relay:{relay.code}"]
    subjects += [f"invoice:{number}" for number in Invoice.objects.filter(relay=relay).order_by().values_list("number", flat=True)]
    subjects += [f"mandate:{pk}" for pk in Mandate.objects.filter(relay=relay).order_by().values_list("pk", flat=True)]
    return JournalEntry.objects.filter(subject__in=subjects).select_related("by").order_by("-at", "-pk")
