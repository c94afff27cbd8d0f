"""Who asks, for which shop, and how often."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from relays.access import Deed, relays_of
from relays.identities import in_force
from relays.models import Identity, Person, Relay
from selfbilling.limits import Limit

FILES = Limit(name="files", times=60, seconds=60)


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
    def city(self) -> str:
        """Where it is, "" where that is not known."""
        return self.identity.city if self.identity else ""

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


def of_my_shop(page: str) -> Callable[..., HttpResponse]:
    """The page of one's only shop; of several, a page to choose one. page: the name of a URL that takes a relay's code."""

    @require_safe
    @login_required
    def choose(request: PersonRequest) -> HttpResponse:
        relays = list(relays_of(request.user))
        if not relays:
            raise Http404
        if len(relays) == 1:
            return redirect(page, relays[0].code)
        identities = in_force(timezone.localdate(), [relay.pk for relay in relays])
        shops = [Shop(relay=relay, identity=identities.get(relay.pk)) for relay in relays]
        return render(request, "relays/portal/which.html", {"shops": sorted(shops, key=lambda one: one.name.casefold()), "page": page})

    return choose


def too_often(request: HttpRequest, limit: Limit) -> HttpResponse | None:
    """Count one more; the page that asks to wait, where it is one too many."""
    return wait_page(request, seconds=limit.seconds_to_wait(str(request.user.pk)))


def wait_page(request: HttpRequest, *, seconds: int) -> HttpResponse | None:
    """The page that asks to wait so long; None: nobody has to."""
    if not seconds:
        return None
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(seconds)
    return response
