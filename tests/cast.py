"""The cast: one person of each kind, the same names in every test; and their browsers."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from relays import people
from relays.models import Membership, Person, Relay, Role

PASSWORD = "cheval agrafe batterie"


def person(email: str, *, name: str = "") -> Person:
    """Somebody with a password, who acts for nobody yet."""
    found = Person.objects.filter(email=email).first()
    return found or Person.objects.create_user(email, PASSWORD, name=name)


def acts_for(who: Person, *relays: Relay, role: Role) -> Person:
    """… and now for these relays."""
    for relay in relays:
        Membership.objects.create(person=who, relay=relay, role=role)
    return who


def owner(*relays: Relay) -> Person:
    """Alice N’Guyen, who owns these relays."""
    return acts_for(person("alice@example.org", name="Alice N’Guyen"), *relays, role=Role.OWNER)


def employee(*relays: Relay) -> Person:
    """Bob Œuvrard, who works there."""
    return acts_for(person("bob@example.org", name="Bob Œuvrard"), *relays, role=Role.EMPLOYEE)


def accountant(*relays: Relay) -> Person:
    """Chloé Doğan, who keeps their books."""
    return acts_for(person("chloe@example.org", name="Chloé Doğan"), *relays, role=Role.ACCOUNTANT)


def stranger(*relays: Relay) -> Person:
    """Zoé, who owns other relays, or none: she may see nothing of what a test is about."""
    return acts_for(person("zoe@example.org", name="Zoé Pawłowska"), *relays, role=Role.OWNER)


def clerk() -> Person:
    """Claude, who approves mandates."""
    return _staff("claude@example.org", "Claude Lefèvre", "clerks")


def manager() -> Person:
    """Camille, who bills (the same as world.camille)."""
    return _staff("camille@example.org", "Camille Moreau", "billing")


def other_manager() -> Person:
    """Dominique, who approves (the same as world.dominique)."""
    return _staff("dominique@example.org", "Dominique Roy", "billing")


def support() -> Person:
    """Sacha, who answers."""
    return _staff("sacha@example.org", "Sacha Perrin", "support")


def _staff(email: str, name: str, group: str) -> Person:
    who = people.create_staff(email=email, group=group)
    if not who.name:
        who.name = name
        who.set_password(PASSWORD)
        who.save(update_fields=["name", "password"])
    with_second_factor(who)
    return who


def with_second_factor(who: Person) -> Person:
    """… who has an authenticator app (staff go nowhere without)."""
    if not Authenticator.objects.filter(user=who).exists():
        TOTP.activate(who, generate_totp_secret())
    return who


def browser(who: Person | None = None, *, language: str = "fr") -> Client:
    """A browser, with that person signed in."""
    made = Client(headers={"accept-language": language})
    if who is not None:
        made.force_login(who)
    return made
