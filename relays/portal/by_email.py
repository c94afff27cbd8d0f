"""E-mail instead of paper, and back: the shop's own act, with its evidence."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relays import opting_in
from relays.access import Deed
from relays.models import OptIn
from relays.opting_in import Seen
from relays.portal.asking import PersonRequest, Shop, shop
from selfbilling.doors import address_of
from selfbilling.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def by_email(request: PersonRequest, code: str) -> HttpResponse:
    """How the invoices of a shop arrive, and one button to change it: its owner's."""
    its = shop(request.user, code, Deed.CHOOSE)
    if request.method != "POST":
        return _page(request, its)
    seen = Seen(address=address_of(request), user_agent=request.headers.get("User-Agent", ""))
    try:
        if request.POST.get("choice") == "email":
            opting_in.choose_email(relay_id=its.relay.pk, by=request.user, address=request.POST.get("address", ""), seen=seen)
            messages.success(request, _("Done: from today on, your invoices come by e-mail."))
        else:
            opting_in.choose_paper(relay_id=its.relay.pk, by=request.user, seen=seen)
            messages.success(request, _("Done: from today on, your invoices come by post."))
    except Refused as refused:
        return _page(request, its, refused=str(refused), status=409)
    return redirect("relay:by_email", code)


def _page(request: PersonRequest, its: Shop, *, refused: str = "", status: int = 200) -> HttpResponse:
    said = {
        "shop": its,
        "chosen": OptIn.objects.filter(relay=its.relay, withdrawn_on=None).first(),
        "address": its.email,
        "words_for_email": opting_in.words_for_email(its.email),
        "words_for_paper": opting_in.words_for_paper(),
        "refused": refused,
    }
    return render(request, "relays/portal/by_email.html", said, status=status)
