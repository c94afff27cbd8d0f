"""create_staff EMAIL --group …: somebody of the desk, with a one-time link to set a password."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from relays import people
from selfbilling.commandline import DoorCommand


def _email(text: str) -> str:
    try:
        validate_email(text.strip())
    except ValidationError:
        raise ArgumentTypeError(f"{text!r} is not an e-mail address") from None
    return text.strip()


class Command(DoorCommand):
    """Make a member of staff."""

    help = "Make a member of staff, active at once; prints a one-time link to set a password. An address that exists gets the group."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """EMAIL --group clerks|billing|support."""
        parser.add_argument("email", type=_email)
        parser.add_argument("--group", required=True, choices=people.GROUPS)

    def handle(self, *, email: str, group: str, **_options: Any) -> None:
        """Make the person, print the link."""
        person = people.create_staff(email=email, group=group)
        identifier, token = people.password_link_path(person)
        path = reverse("password_reset_confirm", args=[identifier, token])
        self.stdout.write(f"{person.email} is a member of {group}. To set a password, once, within three days:\n{settings.SITE_URL}{path}")
