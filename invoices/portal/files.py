"""Files to take away: the sealed PDF, the XML in it, several invoices as a ZIP, a table for the books."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Generator, Iterator

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from invoices import access, bookkeeping, downloading
from invoices.models import Document, Invoice
from invoices.period import today
from invoices.portal.asking import TABLES, PersonRequest, invoice_of, shop
from invoices.portal.home import new_to
from invoices.portal.listing import chosen_year, of_year, page
from invoices.production import original
from invoices.zipping import zipped
from relays.portal.asking import FILES, too_often
from selfbilling.errors import Unavailable

_log = logging.getLogger(__name__)
_PRIVATE = {"Cache-Control": "private, no-cache"}  # a browser may keep it, and asks each time whether it still may show it


@require_safe
@login_required
def pdf(request: PersonRequest, number: str) -> HttpResponseBase:
    """The sealed bytes, as they were sealed."""
    return _file(request, number, kind="pdf", content_type="application/pdf", read=original)


@require_safe
@login_required
def xml(request: PersonRequest, number: str) -> HttpResponseBase:
    """The factur-x.xml that lies in the sealed PDF."""
    return _file(request, number, kind="xml", content_type="application/xml", read=lambda one: downloading.factur_x(original(one)))


@require_safe
@login_required
def zip_of_relay(request: PersonRequest, code: str) -> HttpResponseBase:
    """A relay's invoices as a ZIP: those that were ticked (numero=…), or all of a year (annee=2026)."""
    its = shop(request.user, code, on=today())
    invoices = access.invoices_of(request.user).filter(relay=its.relay)
    ticked = request.GET.getlist("numero")
    year = chosen_year(request)
    if ticked:
        chosen = invoices.filter(number__in=ticked)
        if chosen.count() != len(set(ticked)):
            raise Http404
        return _zip(request, chosen, name=f"factures-{code}.zip")
    if year is None:
        return page(request, its, error=_("Tick at least one invoice."), status=422)
    return _zip(request, of_year(invoices, year), name=f"factures-{code}-{year}.zip")


@require_safe
@login_required
def zip_of_all(request: PersonRequest) -> HttpResponseBase:
    """The invoices of all one's relays as a ZIP: those of a month (mois=2026-10), or what one has not downloaded yet."""
    invoices = access.invoices_of(request.user)
    if "nouvelles" in request.GET:
        new = new_to(request.user, on=today())
        return _zip(request, invoices.filter(number__in=new), name=f"nouvelles-factures-{today():%Y-%m-%d}.zip")
    month = request.GET.get("mois", "")
    if not re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise Http404
    return _zip(request, invoices.filter(period=dt.date.fromisoformat(f"{month}-01")), name=f"factures-{month}.zip")


@require_safe
@login_required
def table_of_relay(request: PersonRequest, code: str) -> HttpResponseBase:
    """A year of one relay as a table for the books."""
    its = shop(request.user, code, on=today())
    return _table(request, access.invoices_of(request.user).filter(relay=its.relay), name=f"factures-{code}")


@require_safe
@login_required
def table_of_all(request: PersonRequest) -> HttpResponseBase:
    """A year of all one's relays as a table for the books."""
    return _table(request, access.invoices_of(request.user), name="factures")


def _file(request: PersonRequest, number: str, *, kind: str, content_type: str, read: Callable[[Document], bytes]) -> HttpResponseBase:
    """One file of an invoice, made from its sealed bytes. Its ETag is the SHA-256 of these."""
    invoice = invoice_of(request.user, number)
    document = downloading.documents_of(Invoice.objects.filter(pk=invoice.pk)).first()
    if document is None:
        return not_yet(request, number=invoice.number)
    headers = {"ETag": f'"{document.sha256}"', **_PRIVATE}
    unchanged = get_conditional_response(request, etag=headers["ETag"], response=HttpResponse(headers=headers))
    if unchanged is not None and unchanged.status_code != 200:
        return unchanged
    wait = too_often(request, FILES)
    if wait:
        return wait
    try:
        data = read(document)
    except Unavailable:
        return away(request)
    if request.method == "GET":
        downloading.downloaded([invoice.number], by=request.user)
    headers["Content-Disposition"] = _attachment(f"{invoice.number}.{kind}")
    return HttpResponse(data, content_type=content_type, headers=headers)


def _zip(request: PersonRequest, invoices: QuerySet[Invoice], *, name: str) -> HttpResponseBase:
    """These invoices as a ZIP that is sent while it is made; those that are not sealed yet are named in it."""
    documents = downloading.documents_of(invoices)
    numbers = list(documents.values_list("invoice__number", flat=True))
    unready = list(invoices.exclude(number__in=numbers).order_by("number").values_list("number", flat=True))
    if not numbers and not unready:
        raise Http404
    if not numbers:
        return not_yet(request, number=unready[0])
    wait = too_often(request, TABLES)
    if wait:
        return wait
    stream = zipped(downloading.one_by_one(documents), readme=_unready(unready))
    try:
        begun = next(stream)
    except Unavailable:
        return away(request)
    if request.method == "GET":
        downloading.downloaded(numbers, by=request.user)
    headers = {"Content-Disposition": _attachment(name), "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(_whole_or_broken(begun, stream), content_type="application/zip", headers=headers)


def _whole_or_broken(begun: bytes, stream: Generator[bytes]) -> Iterator[bytes]:
    """The rest of a ZIP; where the archive goes away in between, the connection breaks, so that nobody takes it for whole."""
    try:
        yield begun
        yield from stream
    except Unavailable:
        _log.exception("A ZIP of invoices broke off")
        raise
    finally:
        stream.close()


def _unready(numbers: list[str]) -> str:
    """What lies beside the invoices where some are missing."""
    if not numbers:
        return ""
    return "\r\n".join([_("These invoices are being sealed; download them a little later:"), "", *numbers, ""])


def _table(request: PersonRequest, invoices: QuerySet[Invoice], *, name: str) -> HttpResponseBase:
    year = chosen_year(request)
    if year is None:
        raise Http404
    found = of_year(invoices, year)
    wait = too_often(request, TABLES)
    if wait:
        return wait
    headers = {"Content-Disposition": _attachment(f"{name}-{year}.csv"), "Cache-Control": "private, no-store"}
    return HttpResponse("".join(bookkeeping.table(found)), content_type="text/csv; charset=utf-8", headers=headers)


def not_yet(request: HttpRequest, *, number: str) -> HttpResponse:
    """The page that says that a file is still being made."""
    return render(request, "invoices/portal/not_yet.html", {"number": number}, status=409)


def away(request: HttpRequest) -> HttpResponse:
    """The page that says that the files cannot be read now; whoever runs the site reads why in the log."""
    _log.exception("The archive cannot be read")
    return render(request, "invoices/portal/away.html", status=503)


def _attachment(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"
