"""What relays asked: the list, the oldest first; one of them with an answer, and the invoice sent again."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from invoices import access, answering_claims
from invoices.answering_claims import Again
from invoices.desk.gate import desk
from invoices.desk.support_search import hits
from invoices.desk.support_told_of_invoices import delivery
from invoices.desk.support_told_of_relay import title
from invoices.models import Invoice
from relays import answering
from relays.access import desk_requests
from relays.models import Request
from relays.portal.asking import PersonRequest, of_relay
from selfbilling.celery import hurry
from selfbilling.errors import Refused

_A_PAGE = 50


class Answer(forms.Form):
    """An answer; for an invoice that did not arrive, whether it is sent again."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Write the answer.")},
    )
    again = forms.ChoiceField(label=gettext_lazy("The invoice"), widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, invoice: Invoice | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if invoice is None:
            del self.fields["again"]
            return
        choices = [(Again.NO, _("do not send it again"))]
        if invoice.channel == Invoice.Channel.EMAIL:
            choices.append((Again.EMAIL, _("e-mail it again to %(address)s") % {"address": invoice.email}))
        choices.append((Again.PAPER, _("put it in the next paper batch")))
        field = self.fields["again"]
        assert isinstance(field, forms.ChoiceField)
        field.choices, field.initial = choices, Again.NO


def rows(asked: Iterable[Request]) -> list[tuple[Request, str, str]]:
    """Each with what it is about, and what its relay is called."""
    found = list(asked)
    names = {hit.relay.pk: hit.name for hit in hits([one.relay for one in found])}
    return [(one, title(one), names[one.relay_id]) for one in found]


@require_safe
@desk("support")
def requests(request: PersonRequest) -> HttpResponse:
    """Those to answer, the oldest first; or the answered ones, the latest first."""
    answered = "repondues" in request.GET
    asked = desk_requests(request.user).filter(answered_at__isnull=not answered).order_by("-answered_at" if answered else "at", "pk")
    page = Paginator(asked, _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "invoices/desk/requests.html", {"page": page, "rows": rows(page), "answered": answered})


@require_http_methods(["GET", "HEAD", "POST"])
@desk("support")
def one(request: PersonRequest, pk: int) -> HttpResponse:
    """One request, with what we know; answered once."""
    asked = get_object_or_404(desk_requests(request.user), pk=pk)
    invoice = None
    if asked.kind == Request.Kind.NOT_RECEIVED:
        invoice = access.desk_invoices(request.user).filter(relay=asked.relay, number=asked.about).first()
    if request.method != "POST":
        return _page(request, asked, invoice, Answer(invoice=invoice))
    form = Answer(request.POST, invoice=invoice)
    if not form.is_valid():
        return _page(request, asked, invoice, form, status=422)
    again = Again(form.cleaned_data.get("again") or Again.NO)
    try:
        answered = answering_claims.answer(request_id=pk, by=request.user, text=form.cleaned_data["text"], again=again)
    except Refused as refused:
        return _page(request, asked, invoice, form, refused=str(refused), status=409)
    if again is Again.EMAIL and invoice is not None:
        hurry("invoices.tasks.mail", [invoice.pk])
    if answering.tell(answered):
        messages.success(request, _("Answered, and e-mailed to %(address)s.") % {"address": answered.by.email})
    else:
        messages.warning(request, _("Answered: it stands in the portal, but the e-mail could not be sent."))
    return redirect("desk:request", pk)


def _page(
    request: PersonRequest, asked: Request, invoice: Invoice | None, form: Answer, *, refused: str = "", status: int = 200
) -> HttpResponse:
    said = {
        "asked": asked,
        "title": title(asked),
        "shop": of_relay(asked.relay),
        "invoice": invoice,
        "deliveries": [delivery(each) for each in invoice.deliveries.order_by("claimed_at")] if invoice else [],
        "form": None if asked.answered_at else form,
        "refused": refused,
    }
    return render(request, "invoices/desk/request.html", said, status=status)
