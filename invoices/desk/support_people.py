"""Who acts for a relay, as support sees them; and a second factor that one of them lost."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from invoices.desk.gate import desk
from invoices.desk.support_told_of_relay import ROLES
from relays.access import desk_relays
from relays.models import Membership, Relay, Role
from relays.portal import lost_factor
from relays.portal.asking import PersonRequest, of_relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of a relay's people."""

    membership: Membership
    role: str
    has_second_factor: bool


def members(relay: Relay) -> list[Member]:
    """Those who act for that relay, the first first. Two queries."""
    found = list(Membership.objects.filter(relay=relay).select_related("person").order_by("since", "pk"))
    secured = set(Authenticator.objects.filter(user__in=[one.person_id for one in found]).values_list("user_id", flat=True))
    return [Member(membership=one, role=str(ROLES[Role(one.role)]), has_second_factor=one.person_id in secured) for one in found]


@require_http_methods(["GET", "HEAD", "POST"])
@desk("support")
def second_factor(request: PersonRequest, code: str, person_id: int) -> HttpResponse:
    """Reset the second factor of one of that relay's people."""
    member = get_object_or_404(
        Membership.objects.select_related("person", "relay"), relay__in=desk_relays(request.user), relay__code=code, person_id=person_id
    )
    shop = of_relay(member.relay)
    return lost_factor.page(request, whom=member.person, back=reverse("desk:relay", args=[code]), back_to=shop.name)
