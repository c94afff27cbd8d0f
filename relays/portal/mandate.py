"""The mandate of a shop: its words, since when, until when, how long to contest."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from relays.mandates import covering
from relays.models import Mandate
from relays.portal.asking import PersonRequest, shop


@require_safe
@login_required
def mandate(request: PersonRequest, code: str) -> HttpResponse:
    """The mandate in force first, then what comes, what is being checked, what was."""
    its = shop(request.user, code)
    on = timezone.localdate()
    mandates = list(Mandate.objects.filter(relay=its.relay).select_related("text").order_by("-valid_from"))
    approved = _of(mandates, Mandate.State.APPROVED)
    current = covering(on, approved)
    said = {
        "shop": its,
        "current": current,
        "coming": [one for one in approved if one.valid_from > on],
        "past": [one for one in approved if one != current and one.valid_from <= on],
        "checked": _of(mandates, Mandate.State.CONSENTED),
        "rejected": _of(mandates, Mandate.State.REJECTED)[:1],
    }
    return render(request, "relays/portal/mandate.html", said)


def _of(mandates: Sequence[Mandate], state: Mandate.State) -> list[Mandate]:
    return [one for one in mandates if one.state == state]
