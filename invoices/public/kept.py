"""The page that the QR code on an invoice opens: whoever holds the paper sees whether it says what we keep."""

import logging
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from invoices.models import Invoice
from invoices.proving import prove_kept
from relays.portal.asking import wait_page
from selfbilling.doors import address_of
from selfbilling.errors import Unavailable
from selfbilling.limits import Limit

_PAGES = Limit(name="kept", times=60, seconds=60)
_log = logging.getLogger(__name__)


@require_safe
@never_cache
def kept(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Number, day, total and the verdict on the file that we keep; never the file, an address or an account.

    Raises Http404 for a token that is no invoice's: guessing is counted, and learns nothing.
    """
    wait = wait_page(request, seconds=_PAGES.seconds_to_wait(address_of(request)))
    if wait:
        return wait
    invoice = Invoice.objects.filter(token=token).first()
    if invoice is None:
        raise Http404
    try:
        proof = prove_kept(invoice)
    except Unavailable:
        _log.exception("The sealed file of invoice %s cannot be read", invoice.pk)
        return _said(request, invoice, state="unreadable", status=503)
    if proof is None:
        return _said(request, invoice, state="unsealed")
    if proof.document is None:
        _log.error("The sealed file of invoice %s does not verify: %s", invoice.pk, proof.verdict.why)
        return _said(request, invoice, state="broken", status=500)
    return _said(request, invoice, state="authentic", document=proof.document)


def _said(request: HttpRequest, invoice: Invoice, *, state: str, status: int = 200, **more: object) -> HttpResponse:
    response = render(request, "invoices/public/kept.html", {"invoice": invoice, "state": state, **more}, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the token
    return response
