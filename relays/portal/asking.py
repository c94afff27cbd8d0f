"""Who asks, and for which shop."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from relays.access import Deed, relays_of
from relays.identities import in_force
from relays.models import Identity, Person, Relay


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A relay as its people know it today. identity: None where none is in force yet."""

    relay: Relay
    identity: Identity | None

    @property
    def name(self) -> str:
        """Its sign, else its legal name, else its code."""
        return (self.identity and (self.identity.trade_name or self.identity.legal_name)) or self.relay.code

    @property
    def email(self) -> str:
        """Its e-mail address, "" where it has none."""
        return self.identity.email if self.identity else ""


def shop(person: Person, code: str, deed: Deed = Deed.LOOK) -> Shop:
    """The relay of that code, if that person may do that for it. Raises Http404."""
    return of_relay(get_object_or_404(relays_of(person, deed), code=code))


def of_relay(relay: Relay) -> Shop:
    """That relay, as it is today."""
    return Shop(relay=relay, identity=in_force(timezone.localdate(), [relay.pk]).get(relay.pk))
