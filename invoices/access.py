"""Who may see which invoice: every query of this floor that a person causes starts here."""

from django.db.models import QuerySet

from invoices.models import Delivery, Dispute, DisputeFile, Invoice
from relays.access import Deed, desk_relays, is_of, relays_of
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


def desk_invoices(person: Person) -> QuerySet[Invoice]:
    """All invoices, for whoever answers relays or bills them; none for anybody else."""
    rows = Invoice.objects.filter(relay__in=desk_relays(person).order_by())
    return rows.select_related("relay").order_by("-issue_date", "-number")


def desk_disputes(person: Person) -> QuerySet[Dispute]:
    """All contests, for support; none for anybody else."""
    rows = Dispute.objects.all() if is_of(person, "support") else Dispute.objects.none()
    return rows.select_related("invoice__relay", "line", "opened_by", "decided_by")


def desk_dispute_files(person: Person) -> QuerySet[DisputeFile]:
    """The files of all contests, for support; none for anybody else."""
    return DisputeFile.objects.filter(message__dispute__in=desk_disputes(person).select_related(None))


def desk_deliveries(person: Person) -> QuerySet[Delivery]:
    """All deliveries, for support; none for anybody else."""
    rows = Delivery.objects.all() if is_of(person, "support") else Delivery.objects.none()
    return rows.select_related("invoice__relay")
