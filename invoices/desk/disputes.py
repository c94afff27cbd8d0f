"""Contests at the desk: by deadline, the late ones first; one of them, with what was counted, to answer, ask, grant or refuse."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from invoices import access
from invoices.desk.gate import desk
from invoices.desk.support_search import hits
from invoices.disputes import deciding, delay, telling
from invoices.disputes.contesting import UNDECIDED
from invoices.disputes.exchange import with_messages
from invoices.models import Dispute
from invoices.period import today
from invoices.portal.dispute_forms import Message
from invoices.portal.page import daily
from relays.portal.asking import PersonRequest, of_relay
from selfbilling.errors import Refused
from selfbilling.handing_out import to_save

_A_PAGE = 50
_ACTS: dict[str, Callable[..., Dispute]] = {
    "answer": deciding.answer,
    "ask": deciding.ask,
    "grant": deciding.grant,
    "refuse": deciding.refuse,
}
_DONE = {
    "answer": gettext_lazy("Your message was sent. The contest stays to be decided."),
    "ask": gettext_lazy("Your question was sent. It is the relay’s turn."),
    "grant": gettext_lazy("The contest is granted. It is for the relay to issue the corrective invoice."),
    "refuse": gettext_lazy("The contest is refused, for the reasons that you gave."),
}
_LISTS = {"": (Dispute.State.OPEN,), "attente": (Dispute.State.ASKED,), "decidees": (Dispute.State.GRANTED, Dispute.State.REFUSED)}


def rows(found: Iterable[Dispute]) -> list[tuple[Dispute, str]]:
    """Each with what its relay is called."""
    disputes = list(found)
    names = {hit.relay.pk: hit.name for hit in hits([one.invoice.relay for one in disputes])}
    return [(one, names[one.invoice.relay_id]) for one in disputes]


@require_safe
@desk("support")
def disputes(request: PersonRequest) -> HttpResponse:
    """Those to answer, by deadline; those that wait for the relay; those that are decided."""
    which = request.GET.get("etat", "")
    which = which if which in _LISTS else ""
    order = ("-decided_at", "pk") if which == "decidees" else ("answer_by", "pk")
    found = access.desk_disputes(request.user).filter(state__in=_LISTS[which]).order_by(*order)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    said = {"page": page, "rows": rows(page), "which": which, "today": today()}
    return render(request, "invoices/desk/disputes.html", said)


@require_http_methods(["GET", "HEAD", "POST"])
@desk("support")
def dispute(request: PersonRequest, pk: int) -> HttpResponse:
    """One contest; each button sends the message and does what it says, once."""
    found = get_object_or_404(with_messages(access.desk_disputes(request.user)), pk=pk)
    if request.method != "POST":
        return _page(request, found, Message())
    form = Message(request.POST, request.FILES)
    act = request.POST.get("act", "")
    if act not in _ACTS:
        form.add_error(None, _("Choose what to do with this contest."))
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        done = _ACTS[act](dispute_id=pk, by=request.user, text=form.cleaned_data["text"], file=form.cleaned_data["file"])
    except Refused as refused:
        return _page(request, found, form, refused=str(refused), status=409)
    messages.success(request, str(_DONE[act]))
    if not telling.relay_of_answer(done):
        messages.warning(request, _("It stands in the portal, but the e-mail to the relay could not be sent."))
    return redirect("desk:dispute", pk)


@require_safe
@desk("support")
def file(request: PersonRequest, pk: int) -> HttpResponse:
    """A file of an exchange, to save."""
    found = get_object_or_404(access.desk_dispute_files(request.user), pk=pk)
    return to_save(bytes(found.data), name=found.name, content_type=found.content_type)


def _page(request: PersonRequest, found: Dispute, form: Message, *, refused: str = "", status: int = 200) -> HttpResponse:
    invoice = found.invoice
    lines = [found.line] if found.line else list(invoice.lines.order_by("position"))
    said = {
        "dispute": found,
        "invoice": invoice,
        "shop": of_relay(invoice.relay),
        "lines": lines,
        "services": daily(invoice, lines),
        "until": delay.contestable_until(invoice),
        "is_late": found.state == Dispute.State.OPEN and today() > found.answer_by,
        "others": list(invoice.disputes.exclude(pk=found.pk).order_by("-opened_at")),
        "form": form if found.state in UNDECIDED else None,
        "refused": refused,
        "at_desk": True,
    }
    return render(request, "invoices/desk/dispute.html", said, status=status)
