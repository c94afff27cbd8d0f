"""The one page of an invitation: who invites, for which shop, and the way in."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from relays import inviting
from relays.models import Invitation, Person
from relays.portal.forms import Join
from selfbilling.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Look at an invitation, or accept it; whoever has an account already signs in before."""
    if not ratelimit.consume(request, action="join"):
        return render(request, "429.html", status=429)
    invitation = inviting.of_secret(secret)
    if invitation is None:
        raise Http404
    try:
        inviting.usable(invitation)
        if request.method == "POST":
            return _accept(request, invitation)
    except Refused as refused:
        status = 409 if request.method == "POST" else 410
        return render(request, "relays/portal/invitation_closed.html", {"why": str(refused), "invitation": invitation}, status=status)
    return _page(request, invitation)


def _accept(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if isinstance(request.user, Person):
        inviting.accept(invitation_id=invitation.pk, by=request.user)
        messages.success(request, _("Done: you now act for %(shop)s.") % {"shop": inviting.shop_name(invitation.relay)})
        return redirect("portal:home")
    form = Join(request.POST, email=invitation.email)
    if not form.is_valid():
        return _page(request, invitation, form=form, status=422)
    person = inviting.join(invitation_id=invitation.pk, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
    record_authentication(request, person, method="invitation", email=person.email)
    answer: Any = perform_login(request, Login(user=person, email=person.email))
    return answer  # type: ignore[no-any-return]


def _page(request: HttpRequest, invitation: Invitation, *, form: Join | None = None, status: int = 200) -> HttpResponse:
    return render(
        request,
        "relays/portal/invitation.html",
        {
            "invitation": invitation,
            "shop": inviting.shop_name(invitation.relay),
            "has_account": inviting.has_account(invitation),
            "form": form or Join(email=invitation.email),
        },
        status=status,
    )
