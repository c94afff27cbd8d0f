"""A shop contests an invoice, follows the exchange, replies; or accepts the invoice."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from invoices import access
from invoices.disputes import accepting, contesting, delay, telling
from invoices.disputes.exchange import with_messages
from invoices.models import Dispute, Invoice
from invoices.period import today
from invoices.portal.asking import PersonRequest, named
from invoices.portal.dispute_forms import Contest, Message
from relays.access import Deed, may
from relays.portal.asking import FILES, too_often
from selfbilling.errors import Refused
from selfbilling.handing_out import to_save
from selfbilling.limits import Limit

MESSAGES = Limit(name="contest-messages", times=20, seconds=3600)  # each with up to 10 MB


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contest(request: PersonRequest, number: str) -> HttpResponse:
    """Say what is wrong with an invoice: its owner's, within the delay."""
    invoice = get_object_or_404(access.invoices_of(request.user, Deed.CONTEST), number=number)
    if request.method != "POST":
        return _contest_page(request, invoice, Contest(invoice=invoice))
    form = Contest(request.POST, request.FILES, invoice=invoice)
    if not form.is_valid():
        return _contest_page(request, invoice, form, status=422)
    wait = too_often(request, MESSAGES)
    if wait:
        return wait
    try:
        dispute = contesting.contest(
            invoice_id=invoice.pk,
            by=request.user,
            text=form.cleaned_data["text"],
            line_id=form.line_id,
            claimed_quantity=form.cleaned_data["claimed_quantity"],
            file=form.cleaned_data["file"],
        )
    except Refused as refused:
        return _contest_page(request, invoice, form, refused=str(refused), status=409)
    telling.desk_of_contest(dispute)
    messages.success(request, _("Your contest has reached us."))
    return redirect("portal:dispute", number)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def dispute(request: PersonRequest, number: str) -> HttpResponse:
    """The exchange about an invoice, and a reply: whoever may look at the invoice reads, its owner writes."""
    invoice = get_object_or_404(access.invoices_of(request.user), number=number)
    disputes = _disputes(request, invoice)
    if request.method != "POST":
        return _exchange(request, disputes, Message())
    if not may(request.user, invoice.relay, Deed.CONTEST):
        raise Http404
    form = Message(request.POST, request.FILES)
    if not form.is_valid():
        return _exchange(request, disputes, form, status=422)
    wait = too_often(request, MESSAGES)
    if wait:
        return wait
    try:
        replied = contesting.reply(
            dispute_id=disputes[0].pk, by=request.user, text=form.cleaned_data["text"], file=form.cleaned_data["file"]
        )
    except Refused as refused:
        return _exchange(request, _disputes(request, invoice), form, refused=str(refused), status=409)  # as it is now
    telling.desk_of_contest(replied)
    messages.success(request, _("Your message has reached us."))
    return redirect("portal:dispute", number)


@require_safe
@login_required
def file(request: PersonRequest, number: str, pk: int) -> HttpResponse:
    """A file of the exchange, to save."""
    found = get_object_or_404(access.dispute_files_of(request.user), pk=pk, message__dispute__invoice__number=number)
    return too_often(request, FILES) or to_save(bytes(found.data), name=found.name, content_type=found.content_type)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def accept(request: PersonRequest, number: str) -> HttpResponse:
    """Accept an invoice before its delay is over: its owner's own act."""
    invoice = get_object_or_404(access.invoices_of(request.user, Deed.CONTEST), number=number)
    refused, status = "", 200
    if request.method == "POST":
        try:
            accepting.accept(invoice_id=invoice.pk, by=request.user)
        except Refused as why:
            refused, status = str(why), 409
        else:
            messages.success(request, _("You have accepted this invoice."))
            return redirect("portal:invoice", number)
    said = {"invoice": invoice, "shop": named([invoice.relay], on=today())[0], "until": invoice.contestable_until, "refused": refused}
    return render(request, "invoices/portal/dispute_accept.html", said, status=status)


def _contest_page(request: PersonRequest, invoice: Invoice, form: Contest, *, refused: str = "", status: int = 200) -> HttpResponse:
    """The form; without it where the invoice can no longer be contested."""
    why_not = _why_not(invoice)
    said = {
        "invoice": invoice,
        "shop": named([invoice.relay], on=today())[0],
        "form": None if why_not else form,
        "until": delay.contestable_until(invoice),
        "refused": refused or why_not,
        "days": contesting.DAYS_TO_ANSWER,
        "has_dispute": Dispute.objects.filter(invoice=invoice).exists(),
    }
    return render(request, "invoices/portal/contest.html", said, status=status)


def _why_not(invoice: Invoice) -> str:
    """Why it cannot be contested, in words; "" if it can."""
    try:
        contesting.check(invoice)
    except Refused as refused:
        return str(refused)
    return ""


def _disputes(request: PersonRequest, invoice: Invoice) -> list[Dispute]:
    """The contests of that invoice, the latest first. Raises Http404 where there is none."""
    disputes = access.disputes_of(request.user).filter(invoice=invoice).select_related("line", "opened_by")
    found = list(with_messages(disputes).order_by("-opened_at"))
    if not found:
        raise Http404
    return found


def _exchange(request: PersonRequest, disputes: list[Dispute], form: Message, *, refused: str = "", status: int = 200) -> HttpResponse:
    invoice = disputes[0].invoice
    is_open = disputes[0].state in contesting.UNDECIDED
    may_contest = may(request.user, invoice.relay, Deed.CONTEST)
    said = {
        "invoice": invoice,
        "shop": named([invoice.relay], on=today())[0],
        "disputes": disputes,
        "latest": disputes[0],
        "is_late": is_open and today() > disputes[0].answer_by,
        "form": form if may_contest and is_open else None,
        "again": may_contest and delay.can_be_contested(invoice, today()),
        "until": delay.contestable_until(invoice),
        "refused": refused,
    }
    return render(request, "invoices/portal/dispute.html", said, status=status)
