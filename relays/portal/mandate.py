"""The mandate of a shop: its words, since when, until when, how long to contest; and its document, to take away."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from relays import copying, filing
from relays.access import mandates_of
from relays.mandates import covering
from relays.models import Mandate
from relays.portal.asking import FILES, PersonRequest, shop, too_often
from selfbilling.handing_out import to_save


@require_safe
@login_required
def mandate(request: PersonRequest, code: str) -> HttpResponse:
    """The mandate in force first, then what comes, what is being checked, what was."""
    its = shop(request.user, code)
    on = timezone.localdate()
    mandates = list(filing.with_scans(mandates_of(request.user).filter(relay=its.relay)).order_by("-valid_from"))
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


@require_safe
@login_required
def copy(request: PersonRequest, code: str, mandate_id: int) -> HttpResponse:
    """A copy of that mandate to read, as it stands today."""
    its = get_object_or_404(mandates_of(request.user), relay__code=code, pk=mandate_id)
    wait = too_often(request, FILES)
    if wait:
        return wait
    made = copying.copy(its, on=timezone.localdate())
    return to_save(made, name=copying.copy_name(its), content_type="application/pdf")


@require_safe
@login_required
def scan(request: PersonRequest, code: str, mandate_id: int) -> HttpResponse:
    """The signed sheet, as it was scanned last."""
    its = get_object_or_404(mandates_of(request.user), relay__code=code, pk=mandate_id)
    found = copying.newest_scan(its)
    if found is None:
        raise Http404
    wait = too_often(request, FILES)
    if wait:
        return wait
    return to_save(bytes(found.data), name=filing.file_name(found), content_type=found.content_type)


def _of(mandates: Sequence[Mandate], state: Mandate.State) -> list[Mandate]:
    return [one for one in mandates if one.state == state]
