"""Who may see and do what for which relay: every query of this floor that a person causes starts here."""

from enum import StrEnum

from django.db.models import QuerySet

from relays.models import Mandate, Membership, Person, Relay, Request, Role


class Deed(StrEnum):
    """What somebody may do for a relay."""

    LOOK = "look"  # see and download invoices, payments, disputes, the mandate
    ASK = "ask"  # "I did not receive it", "my details changed"
    CONTEST = "contest"  # contest an invoice, reply in a dispute
    CHOOSE = "choose"  # e-mail or paper


MAY = {
    Role.OWNER: frozenset(Deed),
    Role.EMPLOYEE: frozenset({Deed.LOOK, Deed.ASK}),
    Role.ACCOUNTANT: frozenset({Deed.LOOK, Deed.ASK}),
}
"""An employee and an accountant see and ask; what binds the shop (a contest, the choice of e-mail) is its owner's."""


def relays_of(person: Person, deed: Deed = Deed.LOOK) -> QuerySet[Relay]:
    """The relays for which that person may do that."""
    roles = [role for role, deeds in MAY.items() if deed in deeds]
    return Relay.objects.filter(memberships__person=person, memberships__role__in=roles).order_by("code")


def may(person: Person, relay: Relay, deed: Deed) -> bool:
    """Whether that person may do that for that relay."""
    return relays_of(person, deed).filter(pk=relay.pk).exists()


def mandates_of(person: Person) -> QuerySet[Mandate]:
    """The mandates that these relays gave, whatever became of them."""
    return Mandate.objects.filter(relay__in=relays_of(person).order_by()).select_related("relay", "text")


def memberships_of(person: Person) -> QuerySet[Membership]:
    """That person's relays with their role at each, in code order."""
    return Membership.objects.filter(person=person).select_related("relay").order_by("relay__code")


def is_of(person: Person, group: str) -> bool:
    """Whether that person is active at that desk: clerks, billing or support."""
    return person.is_active and person.is_staff and (person.is_superuser or person.groups.filter(name=group).exists())


def desk_relays(person: Person) -> QuerySet[Relay]:
    """All relays, for whoever answers them or bills them; none for anybody else."""
    return Relay.objects.order_by("code") if is_of(person, "support") or is_of(person, "billing") else Relay.objects.none()


def clerk_mandates(person: Person) -> QuerySet[Mandate]:
    """All mandates, for clerks; none for anybody else."""
    rows = Mandate.objects.all() if is_of(person, "clerks") else Mandate.objects.none()
    return rows.select_related("relay", "text", "entered_by", "decided_by")


def desk_requests(person: Person) -> QuerySet[Request]:
    """What all relays asked, for support; nothing for anybody else."""
    rows = Request.objects.all() if is_of(person, "support") else Request.objects.none()
    return rows.select_related("relay", "by", "answered_by")
