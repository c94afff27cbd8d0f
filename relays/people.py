"""Who may do what at the desk, and how staff get in."""

from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused

GROUPS = ("clerks", "billing", "support")


class NotInBilling(Refused):
    """Only an active member of the group billing bills and approves."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is not an active member of billing: name one (create_staff EMAIL --group billing)")


def billing_member(email: str) -> Person:
    """The active member of billing with that e-mail address. Raises NotInBilling."""
    person = Person.objects.filter(email__iexact=email.strip(), is_active=True, groups__name="billing").first()
    if person is None:
        raise NotInBilling(email)
    return person


@transaction.atomic
def create_staff(*, email: str, group: str, by: Person | None = None) -> Person:
    """Make a member of staff, active at once; an address that exists gets the group. The address is compared without case."""
    email = Person.objects.normalize_email(email.strip())
    person = Person.objects.select_for_update().filter(email__iexact=email).first()
    if person is None:
        person = Person.objects.create_user(email)
    person.is_staff = True
    person.is_active = True
    person.save(update_fields=["is_staff", "is_active"])
    person.groups.add(Group.objects.get(name=group))
    journal.record(act="staff created", subject=f"person:{person.pk}", by=by, group=group)
    return person


@transaction.atomic
def rename(*, person_id: int, name: str) -> None:
    """Give that person the name that they want to be called by: their own act."""
    person = Person.objects.select_for_update().get(pk=person_id)
    person.name = " ".join(name.split())
    person.save(update_fields=["name"])
    journal.record(act="renamed", subject=f"person:{person.pk}", by=person)


def password_link_path(person: Person) -> tuple[str, str]:
    """The two parts (identifier, token) of a one-time link with which that person sets a password."""
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
