"""Who may see which invoice: every query of this floor that a person causes starts here."""

from django.db.models import QuerySet

from invoices.models import Dispute, DisputeFile, Invoice
from relays.access import Deed, relays_of
from relays.models import Person


def invoices_of(person: Person, deed: Deed = Deed.LOOK) -> QuerySet[Invoice]:
    """The invoices of the relays for which that person may do that, newest first."""
    return Invoice.objects.filter(relay__in=relays_of(person, deed).order_by()).select_related("relay").order_by("-issue_date", "-number")


def disputes_of(person: Person, deed: Deed = Deed.LOOK) -> QuerySet[Dispute]:
    """The disputes of these invoices."""
    return Dispute.objects.filter(invoice__relay__in=relays_of(person, deed).order_by()).select_related("invoice__relay")


def dispute_files_of(person: Person) -> QuerySet[DisputeFile]:
    """The files of these disputes."""
    return DisputeFile.objects.filter(message__dispute__invoice__relay__in=relays_of(person).order_by())
