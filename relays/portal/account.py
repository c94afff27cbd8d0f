"""One's own account: name, how one gets in, where one is signed in, which relays one acts for."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relays import access, identities, people
from relays.models import Membership, Person
from relays.portal.forms import Name


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Everything of one's own, on one page; what changes it is a page or a button away."""
    person: Any = request.user
    form = Name(request.POST or None, instance=Person.objects.get(pk=person.pk))
    if request.method == "POST":
        if not form.is_valid():
            return render(request, "relays/portal/account.html", {"form": form, **_of(person)}, status=422)
        people.rename(person_id=person.pk, name=form.cleaned_data["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return render(request, "relays/portal/account.html", {"form": form, **_of(person)})


def _of(person: Person) -> dict[str, Any]:
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return {
        "memberships": list(_named(access.memberships_of(person))),
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "sessions": UserSession.objects.filter(user=person).count(),
    }


def _named(memberships: Any) -> list[tuple[Membership, str]]:
    """Each with the name that its relay has today."""
    found = list(memberships)
    named = identities.in_force(timezone.localdate(), [membership.relay_id for membership in found])
    return [
        (one, (identity.trade_name or identity.legal_name) if (identity := named.get(one.relay_id)) else one.relay.code) for one in found
    ]
