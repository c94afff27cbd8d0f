"""What a shop asked of us, and our answers; "my details changed"."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from relays import changing_details
from relays.access import Deed, may
from relays.models import Request
from relays.portal.asking import PersonRequest, Shop, shop
from selfbilling.errors import Refused

_SHOWN = 50


class Change(forms.Form):
    """What changed, since when, and to what."""

    what = forms.MultipleChoiceField(
        label=gettext_lazy("What changes?"),
        choices=lambda: list(changing_details.WHAT.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick what changes.")},
    )
    since = forms.DateField(
        label=gettext_lazy("From which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Say from which day it holds."),
            "invalid": gettext_lazy("This is not a day: write it like 31/12/2026."),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("What is it from now on?"),
        help_text=gettext_lazy("For example the new address, or the new IBAN. We may call you to be sure that it comes from you."),
        max_length=1900,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Write what it is from now on.")},
    )


@require_safe
@login_required
def requests(request: PersonRequest, code: str) -> HttpResponse:
    """What was asked, the latest first, with the answers; and the two ways to ask."""
    its = shop(request.user, code)
    asked = list(Request.objects.filter(relay=its.relay).select_related("by").order_by("-at")[:_SHOWN])
    said = {
        "shop": its,
        "asked": [(one, changing_details.named(one.about)) for one in asked],
        "may_ask": may(request.user, its.relay, Deed.ASK),
    }
    return render(request, "relays/portal/requests.html", said)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: PersonRequest, code: str) -> HttpResponse:
    """Say that something about the shop changed. Changes nothing by itself."""
    its = shop(request.user, code, Deed.ASK)
    if request.method != "POST":
        what = request.GET.get("what", "")
        return _form(request, its, Change(initial={"what": [what] if what in changing_details.WHAT else [], "since": timezone.localdate()}))
    form = Change(request.POST)
    if not form.is_valid():
        return _form(request, its, form, status=422)
    try:
        changing_details.report(relay_id=its.relay.pk, by=request.user, **form.cleaned_data)
    except Refused as refused:
        return _form(request, its, form, refused=str(refused), status=409)
    messages.success(request, _("We have received it. Our answer will stand on this page, and we send it to you by e-mail."))
    return redirect("relay:requests", code)


def _form(request: PersonRequest, its: Shop, form: Change, *, status: int = 200, **said: Any) -> HttpResponse:
    return render(request, "relays/portal/details.html", {"shop": its, "form": form, **said}, status=status)
