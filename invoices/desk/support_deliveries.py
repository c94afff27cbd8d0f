"""An invoice sent again, or moved to paper; an e-mail that came back."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from invoices import access
from invoices.delivery import bouncing, sending_again
from invoices.desk.gate import desk
from invoices.desk.support_told_of_invoices import delivery
from invoices.disputes import telling
from invoices.models import Delivery, Due, Invoice
from relays.portal.asking import PersonRequest, of_relay
from selfbilling.celery import hurry
from selfbilling.errors import Refused


class Bounce(forms.Form):
    """What the returned message says."""

    reason = forms.CharField(
        label=gettext_lazy("What does the returned message say?"),
        help_text=gettext_lazy("For example: 550 5.1.1 user unknown"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Copy what the returned message says.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk("support")
def send_again(request: PersonRequest, number: str) -> HttpResponse:
    """How an invoice was sent so far, and two buttons: the same sealed file by e-mail again, or on paper."""
    invoice = get_object_or_404(access.desk_invoices(request.user), number=number)
    refused, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("channel") == Invoice.Channel.EMAIL:
                sending_again.by_email(invoice_id=invoice.pk, by=request.user)
                hurry("invoices.tasks.mail", [invoice.pk])
                messages.success(request, _("%(number)s leaves by e-mail within a minute or two.") % {"number": number})
            else:
                sending_again.on_paper(invoice_id=invoice.pk, by=request.user)
                messages.success(request, _("%(number)s is in the next paper batch.") % {"number": number})
        except Refused as why:
            refused, status = str(why), 409
        else:
            return redirect("desk:relay", invoice.relay.code)
    deliveries = Delivery.objects.filter(invoice=invoice).select_related("batch", "invoice").order_by("claimed_at")
    said = {
        "invoice": invoice,
        "shop": of_relay(invoice.relay),
        "deliveries": [delivery(one) for one in deliveries],
        "waits": Due.objects.filter(invoice=invoice, step=Due.Step.DELIVER).first(),
        "refused": refused,
    }
    return render(request, "invoices/desk/support_send_again.html", said, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk("support")
def bounce(request: PersonRequest, pk: int) -> HttpResponse:
    """Enter that an e-mail came back: it ends, the invoice goes on paper, the relay is told."""
    sent = get_object_or_404(access.desk_deliveries(request.user).filter(channel=Invoice.Channel.EMAIL), pk=pk)
    form = Bounce(request.POST if request.method == "POST" else None)
    refused, status = "", 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            ended = bouncing.bounce(delivery_id=pk, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as why:
            refused, status = str(why), 409
        else:
            telling.relay_of_bounce(ended)
            messages.success(request, _("%(number)s goes on paper, and the relay reads why.") % {"number": ended.invoice.number})
            return redirect("desk:relay", ended.invoice.relay.code)
    said = {"delivery": sent, "invoice": sent.invoice, "shop": of_relay(sent.invoice.relay), "form": form, "refused": refused}
    return render(request, "invoices/desk/support_bounce.html", said, status=status)
