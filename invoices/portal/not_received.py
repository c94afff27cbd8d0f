"""An invoice did not arrive: which one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from invoices import access
from invoices.period import today
from invoices.portal.asking import PersonRequest, named
from invoices.portal.dispute_forms import NotReceived
from relays import claiming
from relays.access import Deed, relays_of
from selfbilling.errors import Refused

_CHOICE = 12
"""The latest invoices of a shop, a year of them."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def not_received(request: PersonRequest, code: str) -> HttpResponse:
    """Tell the desk which invoice did not arrive; it can be downloaded at once all the same."""
    relay = get_object_or_404(relays_of(request.user, Deed.ASK), code=code)
    invoices = list(access.invoices_of(request.user, Deed.ASK).filter(relay__code=code)[:_CHOICE])
    said: dict[str, Any] = {"shop": named([relay], on=today())[0], "invoices": invoices}
    if request.method != "POST":
        said["form"] = NotReceived(invoices=invoices, initial={"number": request.GET.get("number", "")})
        return render(request, "invoices/portal/dispute_not_received.html", said)
    form = NotReceived(request.POST, invoices=invoices)
    said["form"] = form
    if not form.is_valid():
        return render(request, "invoices/portal/dispute_not_received.html", said, status=422)
    try:
        claiming.claim(relay_id=relay.pk, number=form.cleaned_data["number"], text=form.cleaned_data["text"], by=request.user)
    except Refused as refused:
        return render(request, "invoices/portal/dispute_not_received.html", said | {"refused": str(refused)}, status=409)
    messages.success(request, _("We have received it, and look into it."))
    return redirect("relay:requests", code)
